package azurekeyvault

import (
	"fmt"
	"regexp"
	"strings"
)

// A key ID is the URL that Key Vault gives a version of a key:
//
//	https://VAULT.vault.azure.net/keys/KEY/VERSION
//
// A stanza stores what is before the version, and the version.

var keyVersion = regexp.MustCompile(`^[0-9a-f]{32}$`)

// SplitKeyID returns the key's URL and the version: the last segment.
func (w *Wrapper) SplitKeyID(id string) (key, version string) {
	i := strings.LastIndexByte(id, '/')
	if i < 0 {
		return id, ""
	}
	return id[:i], id[i+1:]
}

// JoinKeyID returns the URL of a version.
func (w *Wrapper) JoinKeyID(key, version string) string { return key + "/" + version }

// KeyVersion returns "": RSA's ciphertexts do not tell.
func (w *Wrapper) KeyVersion([]byte) string { return "" }

// versionOf returns the version that id names of the configured key, and refuses everything else. The names of vaults and
// keys differ in more than their case.
func (w *Wrapper) versionOf(id string) (string, error) {
	key, version := w.SplitKeyID(id)
	if !strings.EqualFold(key, w.key) || !keyVersion.MatchString(version) {
		return "", &otherKeyError{id, w.key}
	}
	return version, nil
}

// CheckCiphertext refuses what no RSA key of Key Vault returns: its ciphertexts are as long as the modulus, of 2048, 3072
// or 4096 bits. A longer or shorter one is cut off, or of something else.
func (w *Wrapper) CheckCiphertext(ciphertext []byte) error {
	switch len(ciphertext) {
	case 2048 / 8, 3072 / 8, 4096 / 8:
		return nil
	}
	return fmt.Errorf("azurekeyvault: %d bytes, a ciphertext of an RSA key has 256, 384 or 512", len(ciphertext))
}
