package wrappers

import (
	"context"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
)

// A KEK works over any wrapping.Wrapper. One that also has the methods of an interface below, or of an Inspector, tells the
// KEK more about itself; the providers of this module have those that apply to them. Type, WrapOnly, RequiresPin, Offline
// and WaitsForPerson are asked once, by New. A wrapper that is an io.Closer is closed with its KEK.

// A Schemer is a wrapper whose BlobInfo is fully described by its Ciphertext and KeyInfo.KeyId. The stanza then stores
// these under a scheme name of the wrapper's own, and later versions of the wrapper must open that scheme for ever. For
// a wrapper without it all fields of the BlobInfo are stored, under the scheme "blobinfo/1".
type Schemer interface {
	wrapping.Wrapper

	// Scheme names how ciphertexts are made, version included: "vault-transit/1".
	Scheme() string
	// KeyVersion returns the version of the provider's key that made ciphertext, "" if the provider has none.
	KeyVersion(ciphertext []byte) string
	// CheckCiphertext refuses what Encrypt could not have returned, before Decrypt sees it.
	CheckCiphertext(ciphertext []byte) error
}

// A Versioner is a [Schemer] whose ciphertexts do not tell the version of the key. The KeyInfo.KeyId of its BlobInfos
// names key and version, which are stored in two fields, and put together again for Decrypt. Its KeyVersion is not asked.
type Versioner interface {
	Schemer

	// SplitKeyID returns what KeyId says: the provider's name for the key, and for its version.
	SplitKeyID(id string) (key, version string)
	// JoinKeyID undoes SplitKeyID. What it gets is from a file that nobody has verified yet.
	JoinKeyID(key, version string) string
}

// A Classifier is a wrapper that knows what its errors ask for.
type Classifier interface {
	// Classify returns the class of an error of Encrypt or Decrypt and, if there is one, the next step for the
	// operator as a phrase: "unseal the Vault", "grant kms:Decrypt on the key".
	Classify(err error) (c Class, hint string)
}

// A WrapOnlyer is a wrapper that may be unable to decrypt, such as one that holds a public key only.
type WrapOnlyer interface {
	// WrapOnly reports whether Decrypt is impossible. Such a KEK is never asked to unwrap and never read back.
	WrapOnly() bool
}

// A PinRequirer is a wrapper under which anybody can encrypt, such as one with a public key. A keystore that it opens
// proves nothing without a pinned identity.
type PinRequirer interface {
	// RequiresPin reports whether a keystore opened through this wrapper must be pinned.
	RequiresPin() bool
}

// An Offliner is a wrapper that may have its key here and call nobody. Its KEK has no budget of calls, unless
// [Options].CallsPerMinute sets one.
type Offliner interface {
	// Offline reports whether no provider is called.
	Offline() bool
}

// A PersonWaiter is a wrapper that may have to ask a person, such as one that reads a passphrase from the terminal. Its
// attempts get minutes instead of seconds, and of several KEKs it is asked last.
type PersonWaiter interface {
	// WaitsForPerson reports whether Encrypt and Decrypt may wait for a person.
	WaitsForPerson() bool
}

// A Checker is a wrapper that can check its configuration without calling its provider: files present, permissions
// right, secrets readable.
type Checker interface {
	// Check says what is wrong, and returns nil if it finds nothing.
	Check(ctx context.Context) error
}
