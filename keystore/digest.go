package keystore

import (
	"crypto/sha256"
	"encoding/hex"
)

// Digest is the SHA-256 of the bytes of one generation. The zero Digest stands for no keystore at all.
type Digest [sha256.Size]byte

// DigestOf returns the digest of the bytes of a keystore file.
func DigestOf(data []byte) Digest { return sha256.Sum256(data) }

// IsZero reports whether d stands for no keystore.
func (d Digest) IsZero() bool { return d == Digest{} }

// String returns d in hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }
