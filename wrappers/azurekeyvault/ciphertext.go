package azurekeyvault

import "fmt"

// KeyVersion returns "": RSA's ciphertexts do not tell.
func (w *Wrapper) KeyVersion([]byte) string { return "" }

// CheckCiphertext refuses what no RSA key of Key Vault returns: its ciphertexts are as long as the modulus, of 2048, 3072
// or 4096 bits. A longer or shorter one is cut off, or of something else.
func (w *Wrapper) CheckCiphertext(ciphertext []byte) error {
	switch len(ciphertext) {
	case 2048 / 8, 3072 / 8, 4096 / 8:
		return nil
	}
	return fmt.Errorf("azurekeyvault: %d bytes, a ciphertext of an RSA key has 256, 384 or 512", len(ciphertext))
}
