package keyring

import (
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// succession is the keys of a keystore and what is demanded of them.
type succession struct {
	*policy
	demand
	active *keystore.Key // nil if there is none
	keys   []keystore.Key
	seen   map[keystore.ID]Observed
	now    time.Time
}

// successor returns the key that is active next, and when; nil if that is still to be made. Of those whose time has
// come it is the one with the latest date: the others would have been superseded by now, had anybody been there to
// activate them.
//
// A key that nobody could seal with, that has no date, or one that is too late, is none. It is in nobody's way.
func (s *succession) successor() (next *keystore.Key, at time.Time) {
	for i := range s.keys {
		k := &s.keys[i]
		date, ok := s.date(k)
		switch {
		case !ok:
		case next == nil:
			next, at = k, date
		case !date.After(s.now) && !at.After(s.now):
			if k.Activates.After(next.Activates) {
				next, at = k, date
			}
		case date.Before(at):
			next, at = k, date
		}
	}
	return next, at
}

// date returns when k becomes active, if it may be the successor.
func (s *succession) date(k *keystore.Key) (time.Time, bool) {
	seen := s.seen[k.ID]
	if k.State != keystore.Prepublished || k.Activates.IsZero() || !seals(k, seen) {
		return time.Time{}, false
	}
	known := since(k, k.Created, seen, s.now)
	at, ok := s.wanted(k, known)
	return later(at, known.Add(min(s.readers, s.least))), ok
}

// wanted returns when k is to become active, by its own date or by the demand, whatever its readers know.
func (s *succession) wanted(k *keystore.Key, known time.Time) (time.Time, bool) {
	suits := !s.never() && (s.reason != ReasonSigning || s.signs(k))
	meets := later(s.at, known.Add(s.least))
	switch {
	case s.adrift(k):
		return meets, suits
	case s.never():
		return k.Activates, true
	case !suits || k.Activates.After(later(s.at, s.now).Add(s.slack)):
		return k.Activates, !k.Activates.After(s.now)
	case k.Activates.Before(meets):
		return k.Activates, true
	}
	return meets, true
}

// adrift reports whether k has no date of its own any more. Its date has passed while another key was activated: to
// activate it as well would be two rotations for one. Or it was made for the next rotation by a clock that is ahead of
// this one, by which its date will not come for as long.
func (s *succession) adrift(k *keystore.Key) bool {
	if s.active != nil && !k.Activates.After(s.active.Activated) {
		return true
	}
	return k.Created.After(s.now) && k.Activates.Sub(k.Created) <= s.lead()+time.Second
}
