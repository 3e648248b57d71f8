package discovery

import (
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

const (
	// longestMaxAge bounds how long copies keep a key that was marked compromised.
	longestMaxAge = time.Hour
	// leadByHand is the lead that is counted on where nobody rotates by a period: who rotates by hand prepublishes.
	leadByHand = 5 * time.Minute
	// rounding is what a date in the keystore, in whole seconds, may be too early.
	rounding = time.Second
)

// maxAge is how long a copy of the documents may be kept from now on, for a ring that has refreshed then: as long as no key signs
// that the copy does not have. In whole seconds.
//
// The ring knows every key that was written before it refreshed. So a key that the copy lacks was written later, and it is at
// least its lead until it signs: that is what rotation by a period guarantees, when it is late too (see lead). The copy must
// expire before, therefore the age of what the ring knows is subtracted from the lead. So is the skew, since who planned the date
// and who activates the key by it may read different clocks; and a second, since dates are rounded.
//
// A known date of the next rotation bounds it too. By the above that is not needed, where all rings have the same policy; where
// one has another, it is the date that counts.
//
// That a retired key leaves soon bounds nothing. It leaves when its tokens have expired, and a copy that still has it
// lets none of them live longer.
func (o *Options) maxAge(refreshed, next time.Time) time.Duration {
	d := min(lead(o.Rotation)-age(refreshed)-o.ClockSkew-rounding, longestMaxAge)
	if wait := next.Sub(o.Clock()); wait > 0 {
		d = min(d, wait)
	}
	return max(d, 0).Truncate(time.Second)
}

// age is how long ago t was, by the clock that says more: the monotonic one stands still while a machine is suspended, and the
// other one jumps.
func age(t time.Time) time.Duration {
	return max(time.Since(t), time.Now().Round(0).Sub(t.Round(0)))
}

// lead is for how long a new key is in the keystore before it signs, at the least.
func lead(r keyring.Rotation) time.Duration {
	if r.Period == 0 {
		return leadByHand
	}
	prepublish := r.Prepublish
	if prepublish == 0 {
		prepublish = r.Period / 30
	}
	return max(0, min(prepublish, r.Period/200))
}

// nextRotation returns when another key becomes active, if that is known: the date of a prepublished key, or the end of the active
// one's period.
func nextRotation(keys []keyring.VerificationKey, r keyring.Rotation) time.Time {
	var planned, due time.Time
	for _, k := range keys {
		switch {
		case k.State == keystore.Prepublished && !k.Activates.IsZero() && (planned.IsZero() || k.Activates.Before(planned)):
			planned = k.Activates
		case k.State == keystore.Active && r.Period > 0:
			due = k.Activated.Add(r.Period)
		}
	}
	if planned.IsZero() {
		return due
	}
	return planned
}
