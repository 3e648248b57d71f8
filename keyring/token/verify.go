package token

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sealwax/sealwax/internal/jws"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// A Verifier verifies the tokens of one issuer for one audience. Make one with [NewVerifier]. All methods may be called
// concurrently.
type Verifier struct {
	keys     Keys
	issuer   string
	audience string
	opts     Options
}

// NewVerifier returns a verifier of the tokens of an issuer that are for audience, the name by which the verifier goes.
// o may be nil.
func NewVerifier(keys Keys, issuer, audience string, o *Options) (*Verifier, error) {
	opts, err := o.complete()
	if err != nil {
		return nil, err
	}
	if keys == nil || issuer == "" || audience == "" {
		return nil, errors.New("token: a verifier needs keys, an issuer and an audience: a token for nobody in particular is for everybody")
	}
	return &Verifier{keys, issuer, audience, opts}, nil
}

// Verified is what a token says, and which key it was that said so.
type Verified struct {
	Claims
	KID       string // of the key that signed it
	Algorithm string // that it is for
}

// Verify returns what a token says if its key is to be believed, its signature verifies, it is of the issuer and for
// the audience, and now is in its time. Otherwise the error is one of ErrMalformed and those beside it.
func (v *Verifier) Verify(token string) (*Verified, error) {
	now := v.opts.Clock()
	out := &Verified{}
	payload, err := jws.Verify(token, func(kid string) (jws.Key, error) {
		k, err := v.find(kid, now)
		out.KID, out.Algorithm = kid, k.Algorithm
		return k, err
	})
	if err != nil {
		return nil, err
	}
	if out.Claims, err = parseClaims(payload); err != nil {
		return nil, err
	}
	if err := v.check(&out.Claims, now); err != nil {
		return nil, err
	}
	return out, nil
}

// find returns the key of a kid if it is to be believed now.
func (v *Verifier) find(kid string, now time.Time) (jws.Key, error) {
	k, ok := v.keys.VerificationKey(kid)
	if !ok {
		return jws.Key{}, fmt.Errorf("%w %.64q", ErrUnknownKey, kid)
	}
	if k.Compromised {
		return jws.Key{}, fmt.Errorf("%w: %s", ErrCompromised, kid)
	}
	if err := v.believe(&k, now); err != nil {
		return jws.Key{}, fmt.Errorf("%w: %s: %w", ErrKeyRefused, kid, err)
	}
	return jws.Key{Algorithm: k.Algorithm, Public: k.Public}, nil
}

// believe reports why k is not to be believed at the time now.
func (v *Verifier) believe(k *keyring.VerificationKey, now time.Time) error {
	switch {
	case k.Err != nil:
		return k.Err
	case k.State == keystore.Active:
		return nil
	case k.State == keystore.Prepublished && (k.Activates.IsZero() || now.Before(k.Activates.Add(-v.opts.ClockSkew))):
		return errors.New("it is not active yet")
	case k.State == keystore.Prepublished:
		return nil // who activated it may be ahead of where these keys come from
	case k.Activated.IsZero():
		return errors.New("it was withdrawn before it was active")
	case now.After(v.opts.terms().End(k.Retired)):
		return fmt.Errorf("it was retired on %s, and all that it signed has expired", k.Retired.Format(time.RFC3339))
	}
	return nil
}

// check reports what of c does not do at the time now.
func (v *Verifier) check(c *Claims, now time.Time) error {
	skew := v.opts.ClockSkew
	switch {
	case c.Issuer != v.issuer:
		return fmt.Errorf("%w: %.64q, and not %q", ErrIssuer, c.Issuer, v.issuer)
	case !slices.Contains(c.Audience, v.audience):
		return fmt.Errorf("%w: it is for %.128q, and not for %q", ErrAudience, c.Audience, v.audience)
	case !now.Before(c.Expiry.Add(skew)):
		return fmt.Errorf("%w on %s", ErrExpired, c.Expiry.Format(time.RFC3339))
	case now.Before(c.NotBefore.Add(-skew)):
		return fmt.Errorf("%w: from %s on", ErrNotYetValid, c.NotBefore.Format(time.RFC3339))
	case now.Before(c.IssuedAt.Add(-skew)):
		return fmt.Errorf("%w: issued on %s", ErrNotYetValid, c.IssuedAt.Format(time.RFC3339))
	case c.Expiry.After(now.Add(v.opts.TokenLifetime + skew)):
		return fmt.Errorf("%w: it lives until %s, longer than %s", ErrClaims, c.Expiry.Format(time.RFC3339), v.opts.TokenLifetime)
	}
	return nil
}
