// Package jwa has the algorithms that signing keys are for, by their names in JOSE (RFC 7518, RFC 8037).
package jwa

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"slices"
)

// The algorithms. There are no others: a new one needs verifiers that know it.
const (
	EdDSA = "EdDSA" // Ed25519
	ES256 = "ES256" // ECDSA on P-256 with SHA-256
	RS256 = "RS256" // RSA, PKCS #1 v1.5, with SHA-256
)

// Names are all algorithms. Nobody changes it.
var Names = []string{EdDSA, ES256, RS256}

// Known reports whether name is one of them, to the letter.
func Known(name string) bool { return slices.Contains(Names, name) }

// Hash returns what is hashed with before signing; 0 for EdDSA, which takes the message.
func Hash(algorithm string) crypto.Hash {
	if algorithm == EdDSA {
		return 0
	}
	return crypto.SHA256
}

const (
	minRSABits  = 2048
	maxRSABits  = 4096 // we make none of more than 3072; a longer one only makes verifiers slow
	rsaExponent = 65537
)

// Check reports why public is no key for the algorithm. A key of another type, curve or size is refused: who verifies by
// the type of the key alone would take it for an algorithm that it was never made for.
//
// Points of small order are not looked for: they help who chooses a key for others, and these keys come from a keystore or
// from the set of an issuer who is believed.
func Check(algorithm string, public crypto.PublicKey) error {
	switch public := public.(type) {
	case ed25519.PublicKey:
		if algorithm == EdDSA && len(public) == ed25519.PublicKeySize {
			return nil
		}
	case *ecdsa.PublicKey:
		if algorithm == ES256 && public.Curve == elliptic.P256() {
			return nil
		}
	case *rsa.PublicKey:
		if algorithm == RS256 {
			return checkRSA(public)
		}
	}
	return fmt.Errorf("it is a key of another kind than %s", algorithm)
}

func checkRSA(public *rsa.PublicKey) error {
	if bits := public.N.BitLen(); bits < minRSABits || bits > maxRSABits || bits%8 != 0 {
		return fmt.Errorf("it has %d bits, and RSA keys have %d to %d", bits, minRSABits, maxRSABits)
	}
	if public.E != rsaExponent {
		return fmt.Errorf("its exponent is %d, and that of RSA keys is %d", public.E, rsaExponent)
	}
	return nil
}
