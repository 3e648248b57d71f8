package keyring

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"

	"github.com/sealwax/sealwax/internal/jwa"
	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/keystore"
)

// A pair is a signing key that no key has yet. It comes from crypto/rand alone: nobody who learns the DEK of its key, which
// every opener of messages holds, knows more of it.
type pair struct {
	algorithm string
	public    []byte       // PKIX, DER
	private   secret.Bytes // PKCS #8, DER
}

// makePairs makes one pair for each algorithm of s. With RSA it takes 40 to 400 ms.
func (s Signing) makePairs() ([]pair, error) {
	pairs := make([]pair, 0, len(s.Algorithms))
	for _, algorithm := range s.Algorithms {
		p, err := s.makePair(algorithm)
		if err != nil {
			clearPairs(pairs)
			return nil, fmt.Errorf("make a signing key for %s: %w", algorithm, err)
		}
		pairs = append(pairs, p)
	}
	return pairs, nil
}

func (s Signing) makePair(algorithm string) (pair, error) {
	private, err := s.generate(algorithm)
	if err != nil {
		return pair{}, err
	}
	public, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return pair{}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return pair{}, err
	}
	return pair{algorithm, public, secret.New(der)}, nil
}

func (s Signing) generate(algorithm string) (crypto.Signer, error) {
	switch algorithm {
	case jwa.EdDSA:
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	case jwa.ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jwa.RS256:
		return rsa.GenerateKey(rand.Reader, s.RSABits)
	}
	panic("keyring: algorithm " + algorithm) // complete let it through
}

// sealed returns p as the signing key of the key id, its private half sealed under the root.
func (p *pair) sealed(r *root, id keystore.ID) keystore.SigningKey {
	private := r.keys.Seal(nil, p.private.Expose(), signingBinding(r, id, p.algorithm))
	return keystore.SigningKey{Algorithm: p.algorithm, Public: p.public, SealedPrivate: private}
}

func clearPairs(pairs []pair) {
	for _, p := range pairs {
		p.private.Clear()
	}
}
