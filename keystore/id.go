package keystore

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"
)

// ID is a UUID: of a keystore, a root, a key or a split. The zero ID stands for none.
type ID [16]byte

// NewID returns a fresh UUIDv7: IDs made later sort later, to the millisecond.
func NewID() ID {
	id, err := uuid.NewV7()
	if err != nil {
		panic("keystore: " + err.Error()) // crypto/rand never fails
	}
	return ID(id)
}

// ParseID parses the one spelling that String has: 36 characters, lower case, no braces.
func ParseID(s string) (ID, error) {
	id, err := uuid.Parse(s)
	if err != nil || id.String() != s {
		return ID{}, fmt.Errorf("keystore: %.64q is not a lower-case UUID", s)
	}
	return ID(id), nil
}

// String returns the 36 characters of the UUID.
func (id ID) String() string { return uuid.UUID(id).String() }

// IsZero reports whether id stands for none.
func (id ID) IsZero() bool { return id == ID{} }

// MarshalText returns the same as String.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// Digest is the SHA-256 of the bytes of one generation. The zero Digest stands for no keystore at all.
type Digest [sha256.Size]byte

// DigestOf returns the digest of the bytes of a keystore file.
func DigestOf(data []byte) Digest { return sha256.Sum256(data) }

// IsZero reports whether d stands for no keystore.
func (d Digest) IsZero() bool { return d == Digest{} }

// String returns d in hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }
