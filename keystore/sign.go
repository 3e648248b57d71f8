package keystore

import (
	"crypto/ed25519"
	"crypto/sha512"
	"fmt"
	"slices"
)

const (
	publicSize    = ed25519.PublicKeySize
	signatureSize = ed25519.SignatureSize
)

// signedMessage returns what the identity signs of a file: a label, a zero byte and the SHA-512 of the bytes before
// the last line. The hash is taken here because pure Ed25519 wants its message twice, and signers may be remote.
func signedMessage(before []byte) []byte {
	digest := sha512.Sum512(before)
	return slices.Concat([]byte(labelKeystore), []byte{0}, digest[:])
}

// HandoverMessage returns what the identity previous signs to say that next follows it as the identity of keystore:
// a label, a zero byte, 16 bytes of ID and twice 32 bytes of public key.
func HandoverMessage(keystore ID, previous, next ed25519.PublicKey) []byte {
	return slices.Concat([]byte(labelHandover), []byte{0}, keystore[:], previous, next)
}

// verify checks the signature of the file and, if there is a handover, that of the identity before.
func verify(c *Contents, message, signature []byte) error {
	if !ed25519.Verify(c.Identity.Public, message, signature) {
		return fmt.Errorf("%w: the file is not as its identity %s signed it", ErrTampered, FormatPin(c.Identity.Public))
	}
	if h := c.Handover; h != nil && !ed25519.Verify(h.Previous, HandoverMessage(c.ID, h.Previous, c.Identity.Public), h.Signature) {
		return fmt.Errorf("%w: the handover to %s was not signed by %s", ErrTampered, FormatPin(c.Identity.Public), FormatPin(h.Previous))
	}
	return nil
}
