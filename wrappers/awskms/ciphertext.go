package awskms

import "fmt"

// A ciphertext of KMS says in itself which key and which version of it made it, in a form that AWS does not publish. So
// only its length can be checked: it holds at least a nonce, one byte and a tag, and KMS takes no more than 6144 bytes.
const (
	shortest = 12 + 1 + 16
	longest  = 6144
)

// KeyVersion returns "": KMS does not say which version of the key it used.
func (w *Wrapper) KeyVersion([]byte) string { return "" }

// CheckCiphertext refuses what is too short or too long for a ciphertext of KMS.
func (w *Wrapper) CheckCiphertext(ciphertext []byte) error {
	if n := len(ciphertext); n < shortest || n > longest {
		return fmt.Errorf("awskms: %d bytes, a ciphertext of KMS has %d to %d", n, shortest, longest)
	}
	return nil
}
