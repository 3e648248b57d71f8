package gcpckms

import "fmt"

// The layout of a ciphertext is Cloud KMS's own and not documented, so only the length is bounded: at least a nonce, one byte
// and a tag; at most far more than 128 bytes of plaintext have been seen to need (about 210).
const (
	shortest = 12 + 1 + 16
	longest  = 1024
)

// CheckCiphertext refuses what is too short or too long to be Cloud KMS's.
func (w *Wrapper) CheckCiphertext(ciphertext []byte) error {
	if n := len(ciphertext); n < shortest || n > longest {
		return fmt.Errorf("gcpckms: %d bytes, a ciphertext of Cloud KMS has %d to %d", n, shortest, longest)
	}
	return nil
}

// KeyVersion returns "": the ciphertext does not show it. See SplitKeyID.
func (w *Wrapper) KeyVersion([]byte) string { return "" }
