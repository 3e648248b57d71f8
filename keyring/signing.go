package keyring

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sealwax/sealwax/internal/jwa"
)

// Signing says which signing keys a new key has. Keys that exist already do not get any: rotate.
type Signing struct {
	// Algorithms are names of JOSE: "EdDSA" (Ed25519), "ES256" (P-256), "RS256" (RSA). The first is that of Ring.Signer.
	Algorithms []string

	// RSABits is the size of RSA keys, 2048 or 3072. Zero is 2048.
	RSABits int
}

const defaultRSABits = 2048

// check reports what in s cannot be meant.
func (s Signing) check() error {
	for i, a := range s.Algorithms {
		if !jwa.Known(a) {
			return fmt.Errorf("there is no algorithm %q: there are %s", a, strings.Join(jwa.Names, ", "))
		}
		if slices.Contains(s.Algorithms[:i], a) {
			return fmt.Errorf("algorithm %q is named twice, and a key has one signing key for each", a)
		}
	}
	if s.RSABits != 0 && s.RSABits != 2048 && s.RSABits != 3072 {
		return fmt.Errorf("RSA keys of %d bits are not made: 2048 or 3072", s.RSABits)
	}
	return nil
}
