package keyring

import (
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// Schedule returns when the active key is replaced next, as far as this ring knows, by whoever maintains the keystore.
// It does no I/O.
func (r *Ring) Schedule() Schedule {
	s := r.state.Load()
	p := r.opts.policy()
	return p.plan(s.contents, r.observed(s), r.opts.now()).Schedule
}

// observe looks at the keys of s at the time now, which is that of a clock that goes steadily. What it sees of the
// active key it notes for other rings and later ones.
func (r *Ring) observe(s *state, now time.Time) {
	r.sightings.note(s.contents, now)
	if active := s.contents.Active(); active != nil {
		if at := r.sightings.of(active); !at.IsZero() {
			r.counter.observe(active.ID, at)
		}
	}
}

// observed returns what the ring knows of the keys of s, beside what the keystore says.
func (r *Ring) observed(s *state) map[keystore.ID]Observed {
	seen := make(map[keystore.ID]Observed, len(s.keys))
	for i := range s.contents.Keys {
		k := &s.contents.Keys[i]
		ready := s.keys[k.ID] // nil once the ring is closed
		seen[k.ID] = Observed{Since: r.sightings.of(k), Unusable: ready != nil && ready.err != nil}
	}
	for _, w := range r.counter.wear(s) {
		if o, ok := seen[w.ID]; ok {
			counted := w.Observed()
			o.Sealed, o.Since = counted.Sealed, earlier(o.Since, counted.Since)
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
