package keystore

import (
	"time"

	"github.com/sealwax/sealwax/internal/names"
)

// The bounds of format v1. A file beyond any of them is damaged, and [Append] refuses to write one.
const (
	// MaxSize bounds a whole file. It is what a reader may have to hold in memory: some 20,000 keys with a signing key each.
	MaxSize = 16 << 20

	// MaxHistory is the number of generations that a file gives digests of: how far a reader may lag behind and still
	// tell a successor from a fork.
	MaxHistory = 64

	MaxGroups  = 16
	MaxStanzas = 64
	MaxOwed    = 64

	// MaxWrapped bounds what a KEK returns for the root or a share, both of at most 128 bytes.
	MaxWrapped = 16 << 10

	// MaxLease is the longest finite lease. Longer ones bound nothing that an operator would wait for.
	MaxLease = 366 * 24 * time.Hour
)

const (
	maxInt       = 1<<53 - 1 // the integers that every JSON reader keeps exactly
	maxThreshold = 255       // numbers of shares are one byte, zero excluded
	maxSuite     = 255
	maxSigning   = 3 // one for each algorithm

	maxVersion     = 16
	maxLabel       = names.MaxLabel
	maxGroupName   = names.MaxGroup
	maxProvider    = names.MaxProvider
	maxKEKName     = names.MaxKEK
	maxScheme      = names.MaxScheme
	maxProviderKey = names.MaxText

	// A sealed value is nonce (24), ciphertext, tag (16). The seed's is 32 bytes long. A suite that this program does
	// not know may have keys of another length than 32.
	sealedSeed       = 24 + 32 + 16
	minSealed        = 24 + 1 + 16
	maxSealedDEK     = 512
	maxSealedPrivate = 8 << 10 // PKCS #8 of RSA with 8192 bits takes 5 KiB
	maxPublic        = 2 << 10 // PKIX of RSA with 8192 bits takes 1.1 KiB
)
