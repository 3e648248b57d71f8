// Package tokenlife says for how long a signing key is needed after it was retired. Who verifies with it, publishes it
// and destroys it must not differ in that.
package tokenlife

import (
	"cmp"
	"fmt"
	"time"
)

// Terms are what it depends on. They are fields of that name in the Options of their users.
type Terms struct {
	TokenLifetime time.Duration // that of the longest token
	Lease         time.Duration // how long a ring may sign with a key that another process has retired
	ClockSkew     time.Duration // how far apart the clocks of all those may be; a negative one is none
}

// What zeros stand for.
const (
	DefaultTokenLifetime = 24 * time.Hour
	defaultLease         = 5 * time.Minute
	defaultClockSkew     = time.Minute
)

// Complete returns t with defaults where it has zeros.
func (t Terms) Complete() (Terms, error) {
	if t.TokenLifetime < 0 || t.Lease < 0 {
		return t, fmt.Errorf("Options.TokenLifetime is %s and Lease %s, and neither can be negative", t.TokenLifetime, t.Lease)
	}
	return Terms{
		TokenLifetime: cmp.Or(t.TokenLifetime, DefaultTokenLifetime),
		Lease:         cmp.Or(t.Lease, defaultLease),
		ClockSkew:     max(cmp.Or(t.ClockSkew, defaultClockSkew), 0),
	}, nil
}

// End returns when the last token has expired that a key signed which was retired at this time. Another process may have
// signed with it after that, for the lease; its token may live as long as any. The skew is there twice: between who
// retired the key and who signed, and because verifiers grant it to what has expired.
func (t Terms) End(retired time.Time) time.Time {
	return retired.Add(t.Lease + t.TokenLifetime + 2*t.ClockSkew)
}
