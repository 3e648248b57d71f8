package keyring

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
)

// The algorithms of signing keys, by their names in JOSE.
const (
	algEdDSA = "EdDSA"
	algES256 = "ES256"
	algRS256 = "RS256"
)

const (
	minRSABits  = 2048
	maxRSABits  = 4096 // we make none of more than 3072; a longer one only makes verifiers slow
	rsaExponent = 65537
)

var errPublicSpelling = errors.New("it is not spelled as DER demands")

// parsePublic parses the public half of a signing key. A key of another type, curve or size than its algorithm says is
// refused: whoever verifies by the type of the key alone would take it for an algorithm that it was never made for.
//
// Points of small order are not looked for: they help who chooses a key for others, and these are made here.
func parsePublic(algorithm string, der []byte) (crypto.PublicKey, error) {
	public, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, errors.New("it is not a public key in PKIX form") // the cause quotes what was read
	}
	if err := checkPublic(algorithm, public); err != nil {
		return nil, err
	}
	again, err := x509.MarshalPKIXPublicKey(public)
	if err != nil || !bytes.Equal(again, der) {
		return nil, errPublicSpelling
	}
	return public, nil
}

func checkPublic(algorithm string, public crypto.PublicKey) error {
	switch public := public.(type) {
	case ed25519.PublicKey:
		if algorithm == algEdDSA {
			return nil
		}
	case *ecdsa.PublicKey:
		if algorithm == algES256 && public.Curve == elliptic.P256() {
			return nil
		}
	case *rsa.PublicKey:
		if algorithm == algRS256 {
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
