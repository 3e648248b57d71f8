package keyring

import "time"

// Refreshed returns when the ring last began to look at the store and found there what it holds: it knows all that was
// written before. Of a ring that is closed it is the zero time.
//
// Ask first when, and then what the ring holds: it may refresh in between, and what it holds is never older than what
// Refreshed said before.
func (r *Ring) Refreshed() time.Time {
	if r.state.Load().closed {
		return time.Time{}
	}
	return *r.refreshed.Load()
}
