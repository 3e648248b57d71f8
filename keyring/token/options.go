package token

import (
	"fmt"
	"time"

	"github.com/sealwax/sealwax/internal/tokenlife"
)

// Options say how long tokens live. The zero value and nil work. All who mint, verify and publish with the keys of one
// keystore need the same.
type Options struct {
	// TokenLifetime is that of the longest token. The default is 24 h.
	TokenLifetime time.Duration

	// Lease is how long a ring may sign with a key that another process has retired: that of the keystore. The default
	// is 5 min.
	Lease time.Duration

	// ClockSkew is how far apart the clocks of those may be who mint and verify. The default is 1 min; a negative one
	// is none.
	ClockSkew time.Duration

	// Clock tells the time. The default is time.Now.
	Clock func() time.Time
}

// complete returns a copy of o, which may be nil, without unset fields.
func (o *Options) complete() (Options, error) {
	var v Options
	if o != nil {
		v = *o
	}
	terms, err := v.terms().Complete()
	if err != nil {
		return v, fmt.Errorf("token: %w", err)
	}
	v.TokenLifetime, v.Lease, v.ClockSkew = terms.TokenLifetime, terms.Lease, terms.ClockSkew
	if v.Clock == nil {
		v.Clock = time.Now
	}
	return v, nil
}

func (o *Options) terms() tokenlife.Terms {
	return tokenlife.Terms{TokenLifetime: o.TokenLifetime, Lease: o.Lease, ClockSkew: o.ClockSkew}
}
