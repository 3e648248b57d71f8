package discovery

import (
	"time"

	"github.com/sealwax/sealwax/keyring"
)

const (
	// longestMaxAge bounds how long copies keep a key that was marked compromised.
	longestMaxAge = time.Hour
	// leadByHand is the lead that is counted on where people rotate and not a period.
	leadByHand = 5 * time.Minute
	// rounding is what a date in the keystore, in whole seconds, may be too early.
	rounding = time.Second
)

// maxAge is how long a copy of the documents may be kept from now on, for a ring that has refreshed then: as long as no
// key signs that the copy does not have. In whole seconds.
//
// The ring knows every key that was written before it refreshed. So a key that the copy lacks was written later, and it
// is at least the lead until that one signs: automatic rotation guarantees it, also when it is late. The copy must
// expire before, therefore the age of what the ring knows is subtracted from the lead. So is the skew, since who
// planned the date and who activates the key by it may read different clocks; and a second, since dates are rounded.
//
// A known date of the next rotation bounds it too. By the above that is not needed where all rings have the same
// policy; where one has another, it is the date that counts.
//
// That a retired key leaves soon bounds nothing. It leaves when its tokens have expired, and a copy that still has it
// lets none of them live longer.
func (o *Options) maxAge(s *keyring.Schedule, refreshed time.Time) time.Duration {
	d := min(lead(s)-age(refreshed)-o.ClockSkew-rounding, longestMaxAge)
	if wait := s.Next.Sub(o.Clock()); wait > 0 {
		d = min(d, wait)
	}
	return max(d, 0).Truncate(time.Second)
}

// lead is for how long any key that is made from now on is known before it signs.
func lead(s *keyring.Schedule) time.Duration {
	if s.Reason == "" || s.Reason == keyring.ReasonPlanned {
		return min(s.Lead, leadByHand)
	}
	return s.Lead
}

// age is how long ago t was, by the clock that says more: the monotonic one stands still while a machine is suspended,
// and the other one jumps.
func age(t time.Time) time.Duration {
	return max(time.Since(t), time.Now().Round(0).Sub(t.Round(0)))
}
