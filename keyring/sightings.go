package keyring

import (
	"sync"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// sightings remember when keys whose times lie in the future were first seen in their state. The zero value is ready.
type sightings struct {
	mu    sync.Mutex
	first map[keystore.ID]sighting
}

type sighting struct {
	state keystore.State
	at    time.Time
}

// note looks at the keys of c at the time now. What was seen later than now, by a clock that was set back since, was
// seen now. What is in the future no more stays noted: perhaps it is the clock that jumped.
func (s *sightings) note(c *keystore.Contents, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := make(map[keystore.ID]sighting)
	for i := range c.Keys {
		k := &c.Keys[i]
		old, known := s.first[k.ID]
		known = known && old.state == k.State
		if !known && !later(k.Created, k.Activated).After(now) {
			continue
		}
		if !known || old.at.After(now) {
			old = sighting{k.State, now}
		}
		first[k.ID] = old
	}
	s.first = first
}

// of returns when k was first seen in its state; zero if it was not noted.
func (s *sightings) of(k *keystore.Key) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := s.first[k.ID]; at.state == k.State {
		return at.at
	}
	return time.Time{}
}
