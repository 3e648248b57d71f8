package keyring

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"

	"github.com/sealwax/sealwax/internal/jwa"
)

var errPublicSpelling = errors.New("it is not spelled as DER demands")

// parsePublic parses the public half of a signing key, which must be one for its algorithm.
func parsePublic(algorithm string, der []byte) (crypto.PublicKey, error) {
	public, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, errors.New("it is not a public key in PKIX form") // the cause quotes what was read
	}
	if err := jwa.Check(algorithm, public); err != nil {
		return nil, err
	}
	again, err := x509.MarshalPKIXPublicKey(public)
	if err != nil || !bytes.Equal(again, der) {
		return nil, errPublicSpelling
	}
	return public, nil
}
