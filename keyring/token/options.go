package token

import (
	"fmt"
	"time"
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

const (
	defaultTokenLifetime = 24 * time.Hour
	defaultLease         = 5 * time.Minute
	defaultClockSkew     = time.Minute
)

// complete returns a copy of o, which may be nil, without unset fields.
func (o *Options) complete() (Options, error) {
	v := Options{}
	if o != nil {
		v = *o
	}
	if v.TokenLifetime < 0 || v.Lease < 0 {
		return v, fmt.Errorf("token: Options.TokenLifetime is %s and Lease %s, and neither can be negative", v.TokenLifetime, v.Lease)
	}
	if v.TokenLifetime == 0 {
		v.TokenLifetime = defaultTokenLifetime
	}
	if v.Lease == 0 {
		v.Lease = defaultLease
	}
	if v.ClockSkew == 0 {
		v.ClockSkew = defaultClockSkew
	}
	v.ClockSkew = max(v.ClockSkew, 0)
	if v.Clock == nil {
		v.Clock = time.Now
	}
	return v, nil
}
