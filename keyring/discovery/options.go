package discovery

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/sealwax/sealwax/internal/tokenlife"
)

// Options say whose keys are published, and how long they are needed. The zero value and nil work, without a discovery
// document. All who publish the keys of one keystore, or sign with them, need the same.
type Options struct {
	// Issuer is the "iss" of the tokens, to the letter: an https URL without query and fragment, below which the
	// documents are found; http only for loopback. Without one there is no discovery document, and the set is at
	// /.well-known/jwks.json.
	Issuer string

	// TokenLifetime is that of the longest token. The default is 24 h.
	TokenLifetime time.Duration

	// Lease is how long a ring may sign with a key that another process has retired: that of the keystore. The default
	// is 5 min.
	Lease time.Duration

	// ClockSkew is how far apart the clocks of those may be who sign, publish and verify. The default is 1 min; a
	// negative one is none.
	ClockSkew time.Duration

	// Logger hears of keys that are left out because they are damaged, once of each. The default discards it.
	Logger *slog.Logger

	// Clock tells the time by which retired keys leave. The default is time.Now.
	Clock func() time.Time
}

// complete returns a copy of o, which may be nil, without unset fields.
func (o *Options) complete() (Options, error) {
	var v Options
	if o != nil {
		v = *o
	}
	if v.Issuer != "" {
		if err := CheckIssuer(v.Issuer); err != nil {
			return v, fmt.Errorf("discovery: Options.Issuer %q %w", v.Issuer, err)
		}
	}
	terms, err := v.terms().Complete()
	if err != nil {
		return v, fmt.Errorf("discovery: %w", err)
	}
	v.TokenLifetime, v.Lease, v.ClockSkew = terms.TokenLifetime, terms.Lease, terms.ClockSkew
	if v.Logger == nil {
		v.Logger = slog.New(slog.DiscardHandler)
	}
	if v.Clock == nil {
		v.Clock = time.Now
	}
	return v, nil
}

func (o *Options) terms() tokenlife.Terms {
	return tokenlife.Terms{TokenLifetime: o.TokenLifetime, Lease: o.Lease, ClockSkew: o.ClockSkew}
}
