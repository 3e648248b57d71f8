package keystore

import (
	"bytes"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"
)

// ID is a UUID: of a keystore, a root, a key or a split. The zero ID stands for none.
type ID [16]byte

const idText = 36 // length of an ID's text

// NewID returns a fresh UUIDv7: IDs made later sort later, to the millisecond.
func NewID() ID {
	id, err := uuid.NewV7()
	if err != nil {
		panic("keystore: " + err.Error()) // crypto/rand never fails
	}
	return ID(id)
}

// ParseID parses the one spelling that String has: 36 characters, lower case, no braces. It takes the zero ID too.
func ParseID(s string) (ID, error) {
	id, ok := parseID([]byte(s))
	if !ok {
		return ID{}, fmt.Errorf("keystore: %.64q is not a lower-case UUID", s)
	}
	return id, nil
}

// String returns the 36 characters of the UUID.
func (id ID) String() string { return string(id.append(nil)) }

// IsZero reports whether id stands for none.
func (id ID) IsZero() bool { return id == ID{} }

// Compare orders IDs by their bytes, which is the order of their texts: -1 if id comes before other, 1 if it comes after, 0
// if they are the same.
func (id ID) Compare(other ID) int { return bytes.Compare(id[:], other[:]) }

// MarshalText returns the same as String.
func (id ID) MarshalText() ([]byte, error) { return id.append(nil), nil }

func (id ID) append(dst []byte) []byte {
	at := 0
	for _, end := range []int{4, 6, 8, 10, 16} {
		if at > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, id[at:end])
		at = end
	}
	return dst
}

// parseID decodes text without its hyphens and accepts what append gives back: upper case and misplaced hyphens differ.
func parseID(text []byte) (id ID, ok bool) {
	if len(text) != idText {
		return ID{}, false
	}
	digits := make([]byte, 0, 2*len(id))
	for _, c := range text {
		if c != '-' && len(digits) < cap(digits) {
			digits = append(digits, c)
		}
	}
	if n, err := hex.Decode(id[:], digits); n != len(id) || err != nil {
		return ID{}, false
	}
	return id, string(id.append(make([]byte, 0, idText))) == string(text)
}

// isV7 reports whether id is a UUIDv7 of RFC 9562.
func (id ID) isV7() bool { return id[6]>>4 == 7 && id[8]>>6 == 2 }
