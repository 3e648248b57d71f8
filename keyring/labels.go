package keyring

import "encoding/binary"

// Every use of a secret has a label of its own, and none is ever used for a second purpose. They are part of the
// format: docs/format.md.
const (
	labelKeys    = "sealwax/v1 keys"    // K_keys from the root
	labelSign    = "sealwax/v1 sign"    // K_sign from the root
	labelSeed    = "sealwax/v1 seed"    // binds the sealed seed of the identity
	labelDEK     = "sealwax/v1 dek"     // binds the sealed DEK of a key
	labelSigning = "sealwax/v1 signing" // binds the sealed private half of a signing key
	labelMessage = "sealwax/v1 message" // a sealing key from a DEK
)

// appendFields appends the one encoding that all associated data has: every field behind its length, four bytes big
// endian. No two lists of fields share an encoding, which joining strings could not promise.
func appendFields[T ~string | ~[]byte](dst []byte, fields ...T) []byte {
	for _, f := range fields {
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(f)))
		dst = append(dst, f...)
	}
	return dst
}
