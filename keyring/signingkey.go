package keyring

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"

	"github.com/sealwax/sealwax/internal/jwa"
	"github.com/sealwax/sealwax/keystore"
)

// signingKey is a signing key of the active key. It is opened when somebody signs for the first time: a ring that signs
// nothing holds no private half, and parsing one of RSA takes 150 µs.
type signingKey struct {
	algorithm string
	open      func() (*Signer, error) // always the same answer
}

var (
	errSealedHalf  = errors.New("its private half does not open under the root")
	errPrivateHalf = errors.New("its private half is not in PKCS #8 form")
	errOtherHalf   = errors.New("its private half does not belong to its public half")
)

// signingKeys returns the signing keys of k, which is active.
func signingKeys(r *root, k *keystore.Key) []signingKey {
	keys := make([]signingKey, len(k.Signing))
	for i := range keys {
		keys[i] = signingKey{k.Signing[i].Algorithm, sync.OnceValues(func() (*Signer, error) {
			s, err := openSigner(r, k, i)
			if err != nil {
				return nil, fmt.Errorf("%w: run 'keyring rotate'", err)
			}
			return s, nil
		})}
	}
	return keys
}

// openSigner opens a signing key of k, or says why not.
func openSigner(r *root, k *keystore.Key, at int) (*Signer, error) {
	s := &k.Signing[at]
	private, err := openPrivate(r, k.ID, s)
	if err != nil {
		return nil, fmt.Errorf("%w %s: its %s signing key: %w", ErrKeyUnusable, k.ID, s.Algorithm, err)
	}
	return &Signer{k.ID, kid(k.ID, at, s.Algorithm), s.Algorithm, jwa.Hash(s.Algorithm), private.Public(), private.Sign}, nil
}

// openPrivate unseals and parses the private half of s. It must be the other half of the public one, which verifiers have:
// a signature that they refuse is worse than none.
func openPrivate(r *root, id keystore.ID, s *keystore.SigningKey) (crypto.Signer, error) {
	public, err := parsePublic(s.Algorithm, s.Public)
	if err != nil {
		return nil, fmt.Errorf("its public half: %w", err)
	}
	der, err := r.keys.Open(nil, s.SealedPrivate, signingBinding(r, id, s.Algorithm))
	if err != nil {
		return nil, errSealedHalf
	}
	defer clear(der)
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errPrivateHalf // the cause might quote it
	}
	private, ok := parsed.(crypto.Signer)
	if !ok || !public.(interface{ Equal(crypto.PublicKey) bool }).Equal(private.Public()) {
		return nil, errOtherHalf
	}
	return private, nil
}

// verifySigning reports what is wrong with the signing keys of k, all of it.
func verifySigning(r *root, k *keystore.Key) error {
	var errs []error
	for i := range k.Signing {
		if _, err := openPrivate(r, k.ID, &k.Signing[i]); err != nil {
			errs = append(errs, fmt.Errorf("%w %s: its %s signing key: %w", ErrKeyUnusable, k.ID, k.Signing[i].Algorithm, err))
		}
	}
	return errors.Join(errs...)
}
