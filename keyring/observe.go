package keyring

import (
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// Schedule returns when the active key is replaced next, as far as this ring knows, by whoever maintains the keystore.
func (r *Ring) Schedule() Schedule {
	s, now := r.state.Load(), r.opts.now()
	p := r.opts.policy()
	return p.plan(s.contents, r.observe(s, now), now).Schedule
}

// observe returns what the ring knows of the keys of s, beside what the keystore says. What it sees of the active key, it notes
// for other rings and later ones.
func (r *Ring) observe(s *state, now time.Time) map[keystore.ID]Observed {
	first := r.sightings.note(s.contents, now)
	if active := s.contents.Active(); active != nil && !first[active.ID].IsZero() {
		r.counter.observe(active.ID, first[active.ID])
	}
	seen := make(map[keystore.ID]Observed, len(s.keys))
	for id, k := range s.keys {
		seen[id] = Observed{Since: first[id], Unusable: k.err != nil}
	}
	for _, w := range r.counter.wear(s) {
		if o, ok := seen[w.ID]; ok {
			o.Sealed = Count{w.Messages, w.Bytes}.minus(w.Leased) // nobody has sealed that yet, or not for long
			o.Since = earlier(o.Since, w.Since)
			seen[w.ID] = o
		}
	}
	return seen
}

// earlier returns the earlier one of two times, of which zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
