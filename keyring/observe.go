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

// observe returns what the ring knows of the keys of s, beside what the keystore says.
func (r *Ring) observe(s *state, now time.Time) map[keystore.ID]Observed {
	first := r.sightings.note(s.contents, now)
	seen := make(map[keystore.ID]Observed, len(s.keys))
	for id, k := range s.keys {
		o := Observed{Since: first[id], Unusable: k.err != nil}
		if k.err == nil {
			o.Sealed.Messages, o.Sealed.Bytes = k.aead.Sealed()
		}
		seen[id] = o
	}
	return seen
}
