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

// successor returns the key that is active next, and when; nil if that is still to be made.
//
// A key that nobody could seal with, that has no date, one that is too late, and one by which signing would end, is
// none. It is in nobody's way.
func (s *succession) successor() (next *keystore.Key, at time.Time) {
	for i := range s.keys {
		k := &s.keys[i]
		if date, ok := s.date(k); ok && (next == nil || s.precedes(k, date, next, at)) {
			next, at = k, date
		}
	}
	return next, at
}

// precedes reports whether a, which can become active at the time atA, is to succeed rather than b.
//
// Of those whose time has come it is the one with the latest date: the others would have been superseded by now, had
// anybody been there to activate them. Of those with dates to come it is the one with the earliest: the other one's is
// a plan for after that, and as time goes by it comes near enough to serve as well, though a key was made because it
// did not.
func (s *succession) precedes(a *keystore.Key, atA time.Time, b *keystore.Key, atB time.Time) bool {
	switch {
	case !s.emergency && a.Activates.After(s.now) && b.Activates.After(s.now):
		return a.Activates.Before(b.Activates)
	case !atA.After(s.now) && !atB.After(s.now):
		return a.Activates.After(b.Activates)
	}
	return atA.Before(atB)
}

// date returns when k becomes active, if it may be the successor.
func (s *succession) date(k *keystore.Key) (time.Time, bool) {
	seen := s.seen[k.ID]
	if k.State != keystore.Prepublished || k.Activates.IsZero() || !seals(k, seen) || s.losesSigning(s.active, k) {
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
	case !suits || k.Activates.After(s.met(s.now).Add(s.slack)):
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
