package keyring

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// A Ring holds the data-encryption keys of one keystore and follows the keystore's changes. Make one with [Create] or
// [Load], and close it.
//
// All methods may be called concurrently. Seal and Open take no lock.
type Ring struct {
	store keystore.Store
	opts  Options
	state atomic.Pointer[state]

	refreshed atomic.Pointer[time.Time] // stored after state, so that it never says more than state knows

	// writing is held by the one method that writes the store, so that two of this ring do not conflict. No KEK is called
	// under it.
	writing sync.Mutex
	spares  *spares // for the write under way, guarded by writing

	// swap guards what changes together with state. It is never held across anything that waits.
	swap     sync.Mutex
	keks     []*wrappers.KEK
	proven   map[string]bool // the KEKs that gave this ring its root, or gave it back
	stamp    string          // of the store, taken before the read that gave state; "" when unknown
	lease    leaseTimer
	outlived []*root // roots before the current one

	follower  follower
	payer     payer
	sightings sightings
	counter   counter
}

func newRing(a arguments) *Ring {
	return &Ring{store: a.store, opts: a.opts, keks: a.keks, proven: make(map[string]bool)}
}

// start shows the first state to readers and begins to follow the store.
func (r *Ring) start(s *state, readAt time.Time, stamp string) {
	warmUp(s)
	r.swap.Lock()
	defer r.swap.Unlock()
	r.state.Store(s)
	r.stamp = stamp
	r.renewLocked(readAt)
	r.follower.start(r)
	r.payer.start(r)
	r.counter.start(r)
}

// warmUp makes the first draw of random bytes, which under GODEBUG=fips140=on takes 45 ms, here and not in the
// first Seal. Nobody sees that message, so it is no wear.
func warmUp(s *state) {
	if s.active != nil {
		s.active.aead.Seal(nil, nil, nil)
		s.active.warmUp = s.active.sealed()
	}
}

// Close stops following the store and clears what it can of the secrets. Every later call that needs a key, the store or
// a KEK returns ErrClosed; those under way may still finish. What the ring has sealed goes to Options.Wear, for which Close
// waits 5 s at most. The KEKs and the stores stay the caller's. Close never fails; it may be called again.
func (r *Ring) Close() error {
	r.follower.stop()
	r.payer.stop()
	r.counter.stop()
	if last := r.shut(); last != nil {
		r.counter.close(last)
	}
	return nil
}

// shut shows readers that the ring is closed and clears the roots. It returns the last state that was open, nil if
// somebody was faster.
func (r *Ring) shut() *state {
	r.writing.Lock()
	defer r.writing.Unlock()
	r.swap.Lock()
	defer r.swap.Unlock()
	s := r.state.Load()
	if s.closed {
		return nil
	}
	r.lease.stop()
	r.state.Store(&state{contents: s.contents, digest: s.digest, refusal: ErrClosed, closed: true, verification: s.verification})
	for _, root := range append(r.outlived, s.root) {
		root.close()
	}
	r.outlived = nil
	return s
}

// Seen returns what to remember of the keystore, for the Options of a later Load.
func (r *Ring) Seen() keystore.Seen { return r.state.Load().seen() }

// Owed returns the KEKs that are owed a stanza: they did not answer when the root was last wrapped. Rewrap
// pays, and so does the ring itself, see Options.PayInterval.
func (r *Ring) Owed() []keystore.Owed { return slices.Clone(r.state.Load().contents.Owed) }

// ID returns the keystore's ID.
func (r *Ring) ID() keystore.ID { return r.state.Load().contents.ID }

// prove notes that the KEKs with these IDs gave the root.
func (r *Ring) prove(ids ...string) {
	r.swap.Lock()
	defer r.swap.Unlock()
	for _, id := range ids {
		r.proven[id] = true
	}
}

// currentKEKs returns the KEKs that the ring works with now.
func (r *Ring) currentKEKs() []*wrappers.KEK {
	r.swap.Lock()
	defer r.swap.Unlock()
	return r.keks
}
