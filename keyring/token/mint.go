package token

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"sync/atomic"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/sealwax/sealwax/internal/jwa"
	"github.com/sealwax/sealwax/internal/jws"
	"github.com/sealwax/sealwax/keyring"
)

// A Minter makes the tokens of one issuer. Make one with [NewMinter]. All methods may be called concurrently.
type Minter struct {
	signer func() (*keyring.Signer, error)
	issuer string
	opts   Options
	head   atomic.Pointer[head]
}

// head is what all tokens of a signer have in common.
type head struct {
	signer    *keyring.Signer
	text      []byte // their first part, with the dot behind it
	signature int    // the length of the dot before their last part, and of that
}

// NewMinter returns a minter for an issuer, the URL below which its keys are found. signer is asked before each token,
// so that it is signed with the key that is active then: pass the method ring.Signer, or a function that calls
// SignerOf. o may be nil.
func NewMinter(signer func() (*keyring.Signer, error), issuer string, o *Options) (*Minter, error) {
	opts, err := o.complete()
	if err != nil {
		return nil, err
	}
	if signer == nil || issuer == "" {
		return nil, errors.New("token: a minter needs a signer and an issuer")
	}
	return &Minter{signer: signer, issuer: issuer, opts: opts}, nil
}

// Mint returns a token that says c, which must have a subject, an audience and an expiry, not further away than
// Options.TokenLifetime. It does not keep c.
//
// The errors are those of the signer ([keyring.Ring.Signer]), and those about c, for which there is ErrClaims.
func (m *Minter) Mint(c *Claims) (string, error) {
	v, err := c.complete(m.issuer, m.opts.TokenLifetime, m.opts.Clock())
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrClaims, err)
	}
	var room [1 << 10]byte // so that the claims of most tokens are on the stack
	payload, err := appendClaims(room[:0], &v)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrClaims, err)
	}
	signer, err := m.signer()
	if err != nil {
		return "", err
	}
	text, err := m.compact(signer, payload)
	if err != nil {
		return "", fmt.Errorf("token: sign with %s: %w", signer.KID(), err)
	}
	if len(text) > jws.MaxSize {
		return "", fmt.Errorf("%w: the token would have %d bytes, and the longest has %d", ErrClaims, len(text), jws.MaxSize)
	}
	return string(text), nil
}

// compact returns payload in the compact form of JWS, signed.
func (m *Minter) compact(signer *keyring.Signer, payload []byte) ([]byte, error) {
	h := m.headOf(signer)
	text := make([]byte, 0, len(h.text)+base64.RawURLEncoding.EncodedLen(len(payload))+h.signature)
	text = append(text, h.text...)
	text = base64.RawURLEncoding.AppendEncode(text, payload)
	signature, err := sign(signer, text)
	if err != nil {
		return nil, err
	}
	return base64.RawURLEncoding.AppendEncode(append(text, '.'), signature), nil
}

// headOf returns what the tokens of a signer have in common.
func (m *Minter) headOf(s *keyring.Signer) *head {
	if h := m.head.Load(); h != nil && h.signer == s {
		return h
	}
	json := fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":"JWT"}`, s.Algorithm(), s.KID()) // both are plain ASCII
	size := 64
	if public, ok := s.Public().(*rsa.PublicKey); ok {
		size = public.Size()
	}
	h := &head{s, append(base64.RawURLEncoding.AppendEncode(nil, []byte(json)), '.'), 1 + base64.RawURLEncoding.EncodedLen(size)}
	m.head.Store(h)
	return h
}

// sign returns the signature of input in the form that JWS has.
func sign(s *keyring.Signer, input []byte) ([]byte, error) {
	if s.Algorithm() == jwa.EdDSA {
		return s.Sign(nil, input, crypto.Hash(0))
	}
	digest := sha256.Sum256(input)
	signature, err := s.Sign(nil, digest[:], crypto.SHA256)
	if err != nil || s.Algorithm() == jwa.RS256 {
		return signature, err
	}
	return joined(signature)
}

// joined returns the two numbers of an ECDSA signature on P-256, 32 bytes each, of their form in ASN.1.
func joined(der []byte) ([]byte, error) {
	var both cryptobyte.String
	var r, s []byte
	in := cryptobyte.String(der)
	if !in.ReadASN1(&both, asn1.SEQUENCE) || !both.ReadASN1Integer(&r) || !both.ReadASN1Integer(&s) || len(r) > 32 || len(s) > 32 {
		return nil, errors.New("its signature is not one of P-256")
	}
	out := make([]byte, 64)
	copy(out[32-len(r):32], r)
	copy(out[64-len(s):], s)
	return out, nil
}
