package keyring

import (
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sealwax/sealwax/internal/jwa"
	"github.com/sealwax/sealwax/keystore"
)

// ErrNoSigningKey: the active key has no signing key, or none of the algorithm that was asked for.
var ErrNoSigningKey = errors.New("keyring: no signing key")

// A Signer signs with a signing key of the key that was active when [Ring.Signer] returned it. Take one for each
// signature: that costs nothing, and a Signer that is kept goes on with its key also when that is retired, marked
// compromised or destroyed, and after Close. All methods may be called concurrently.
//
// It signs as its algorithm says and in no other way: EdDSA signs the message itself (Ed25519), ES256 and RS256 (PKCS #1
// v1.5) sign its SHA-256.
type Signer struct {
	key       keystore.ID
	kid       string
	algorithm string
	hash      crypto.Hash // 0 for EdDSA
	public    crypto.PublicKey

	// sign is the Sign of the private half. Behind a function there is nothing that a verb of fmt, an encoder or reflection
	// could find.
	sign func(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error)
}

var _ crypto.Signer = (*Signer)(nil)

// Signer returns what signs with the first signing key of the active key. It costs an atomic load, but for the first one
// after a rotation, which opens the key: 20 µs, or 150 µs for RSA.
//
// It refuses when Seal refuses: ErrStale, ErrNoActiveKey, ErrClosed. The other errors are ErrNoSigningKey, and
// ErrKeyUnusable if the signing key is damaged: another algorithm never takes its place.
func (r *Ring) Signer() (*Signer, error) {
	return r.signer("")
}

// SignerOf is Signer for the signing key of one algorithm: "EdDSA", "ES256" or "RS256".
func (r *Ring) SignerOf(algorithm string) (*Signer, error) {
	if !jwa.Known(algorithm) {
		return nil, fmt.Errorf("%w for %q: there are %s", ErrNoSigningKey, algorithm, strings.Join(jwa.Names, ", "))
	}
	return r.signer(algorithm)
}

// signer returns the signer for an algorithm, or the first one for "".
func (r *Ring) signer(algorithm string) (*Signer, error) {
	s := r.state.Load()
	if s.refusal != nil {
		return nil, s.refusal
	}
	for i := range s.signing {
		if algorithm == "" || s.signing[i].algorithm == algorithm {
			return s.signing[i].open()
		}
	}
	return nil, fmt.Errorf("%w: the active key, %s, has none%s: name algorithms in the signing block of the config (Options.Signing), "+
		"then run 'keyring rotate'", ErrNoSigningKey, s.active.id, forAlgorithm(algorithm))
}

func forAlgorithm(algorithm string) string {
	if algorithm == "" {
		return ""
	}
	return " for " + algorithm
}

// KeyID returns the ID of the key whose signing key it is.
func (s *Signer) KeyID() keystore.ID { return s.key }

// KID returns the name of the signing key in tokens, that of its [VerificationKey].
func (s *Signer) KID() string { return s.kid }

// Algorithm returns the name that JOSE has for how it signs.
func (s *Signer) Algorithm() string { return s.algorithm }

// Public returns the public half: an ed25519.PublicKey, *ecdsa.PublicKey or *rsa.PublicKey. The caller must not change it.
func (s *Signer) Public() crypto.PublicKey { return s.public }

// Sign implements [crypto.Signer]. opts is crypto.SHA256, and digest has its length; for EdDSA opts is crypto.Hash(0), and
// digest the message. Anything else is refused, as a signing key has one algorithm only. The signature has the form that
// crypto/ecdsa gives it, ASN.1, for ES256. The random source that is passed is not used: crypto/rand is.
func (s *Signer) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if opts != crypto.SignerOpts(s.hash) {
		return nil, fmt.Errorf("keyring: signing key %s signs with %s and in no other way: pass %s", s.kid, s.algorithm, s.option())
	}
	if s.hash != 0 && len(digest) != s.hash.Size() {
		return nil, fmt.Errorf("keyring: sign with %s: %d bytes are no %v", s.kid, len(digest), s.hash)
	}
	return s.sign(rand.Reader, digest, s.hash)
}

func (s *Signer) option() string {
	if s.hash == 0 {
		return "the message and crypto.Hash(0)"
	}
	return "a digest and crypto.SHA256"
}

// Format implements fmt.Formatter, so that a signer prints as what it is and no verb shows more.
func (s Signer) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "[%s signing key %s]", s.algorithm, s.kid)
}
