package transit

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
)

// A ciphertext is Vault's text
//
//	vault:vN:base64(nonce (12 bytes) || ciphertext || tag (16 bytes))
//
// with N the version of the key. Keys held in an HSM (managed keys) have their own layout, so only the length is bounded.
var ciphertextForm = regexp.MustCompile(`^vault:v([1-9][0-9]{0,8}):([A-Za-z0-9+/]+={0,2})$`)

const (
	shortest = 12 + 16
	longest  = 1024 // 128 bytes of plaintext need 156
)

// KeyVersion returns the version of the key that made ciphertext: "3".
func (w *Wrapper) KeyVersion(ciphertext []byte) string {
	if parts := ciphertextForm.FindSubmatch(ciphertext); parts != nil {
		return string(parts[1])
	}
	return ""
}

// CheckCiphertext refuses what is not a ciphertext of Vault, in its one spelling.
func (w *Wrapper) CheckCiphertext(ciphertext []byte) error {
	if len(ciphertext) > len("vault:v999999999:")+base64.StdEncoding.EncodedLen(longest) {
		return fmt.Errorf("transit: %d bytes are too long for a ciphertext of Vault", len(ciphertext))
	}
	parts := ciphertextForm.FindSubmatch(ciphertext)
	if parts == nil {
		return errors.New("transit: not vault:v, a version, and base64")
	}
	raw, err := base64.StdEncoding.Strict().AppendDecode(nil, parts[2])
	if err != nil {
		return errors.New("transit: not strict base64")
	}
	if len(raw) < shortest {
		return fmt.Errorf("transit: %d bytes, a ciphertext has at least %d", len(raw), shortest)
	}
	return nil
}
