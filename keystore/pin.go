package keystore

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"
)

// pinPrefix names the algorithm, so that a pin is never taken for some other base64.
const pinPrefix = "ed25519:"

// FormatPin returns the one spelling of a keystore's identity: "ed25519:" and the 44 characters of its base64, as the
// header of the keystore has them. Configs, commands and errors use it.
func FormatPin(identity ed25519.PublicKey) string {
	return pinPrefix + base64.StdEncoding.EncodeToString(identity)
}

// ParsePin is the reverse of FormatPin. It takes nothing but that spelling.
func ParsePin(s string) (ed25519.PublicKey, error) {
	text, ok := strings.CutPrefix(s, pinPrefix)
	identity, err := base64.StdEncoding.Strict().DecodeString(text)
	// The decoder skips line breaks: a second spelling.
	if !ok || err != nil || len(identity) != ed25519.PublicKeySize || FormatPin(identity) != s {
		return nil, fmt.Errorf("%.64q is no identity: %s and 44 characters of base64", s, pinPrefix)
	}
	return identity, nil
}
