package keyring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// Refresh looks at the store and takes over what another process wrote. It costs one stat when nothing changed, and no
// call to a KEK unless the keystore has a new root. The ring does this by itself every RefreshInterval.
//
// A generation that does not follow the one held, or of another cluster, region or identity, is refused and the ring
// goes on with what it holds.
func (r *Ring) Refresh(ctx context.Context) error {
	readAt := time.Now()
	prev := r.state.Load()
	if prev.closed {
		return ErrClosed
	}
	stamp, same, err := r.stampNow(ctx)
	if err != nil {
		return fmt.Errorf("keyring: refresh: %w", err)
	}
	if same {
		return r.stillFresh(readAt, stamp)
	}
	c, digest, err := keystore.Fetch(ctx, r.store, prev.expect())
	if err != nil {
		return fmt.Errorf("keyring: refresh: %w", err)
	}
	if digest == prev.digest {
		return r.stillFresh(readAt, stamp)
	}
	next, err := r.follow(ctx, prev, c, digest)
	if err != nil {
		return fmt.Errorf("keyring: refresh to generation %d: %w", c.Generation, err)
	}
	err = r.adopt(next, readAt, stamp)
	if err != nil && next.root != prev.root {
		next.root.close()
	}
	return err
}

// stampNow returns the stamp of the store and whether it is that of the held state.
func (r *Ring) stampNow(ctx context.Context) (stamp string, same bool, err error) {
	stamp, err = stampOf(ctx, r.store)
	r.swap.Lock()
	defer r.swap.Unlock()
	return stamp, stamp != "" && stamp == r.stamp, err
}

// stampOf returns the stamp of a store, "" if it has none.
func stampOf(ctx context.Context, store keystore.Store) (string, error) {
	if s, ok := store.(keystore.Stamper); ok {
		return s.Stamp(ctx)
	}
	return "", nil
}

// follow makes the state of a generation that succeeds prev. Under the same root it needs no KEK.
func (r *Ring) follow(ctx context.Context, prev *state, c *keystore.Contents, digest keystore.Digest) (*state, error) {
	if c.Root == prev.root.id {
		if !c.Identity.Public.Equal(prev.contents.Identity.Public) {
			return nil, fmt.Errorf("%w: another identity under the same root", keystore.ErrForeign)
		}
		return newState(c, digest, prev.root, prev), nil
	}
	next, err := unwrapRoot(ctx, c, r.currentKEKs(), r.opts.pinning(c))
	if err != nil {
		return nil, err
	}
	next.raw.Clear()
	r.prove(next.by...)
	return newState(c, digest, r.opts.keep(next.root), prev), nil
}

// pinning returns o with the identity of c for a pin: an open ring pins what it holds, and has checked c against it.
func (o *Options) pinning(c *keystore.Contents) *Options {
	v := *o
	v.Identity = c.Identity.Public
	return &v
}

// keep returns what the ring may keep of a root.
func (o *Options) keep(r *root) *root {
	if o.ReadOnly {
		defer r.close()
		return r.readOnly()
	}
	return r
}

// adopt makes next the state that readers see, unless they already see a newer one.
func (r *Ring) adopt(next *state, readAt time.Time, stamp string) error {
	r.swap.Lock()
	defer r.swap.Unlock()
	held := r.state.Load()
	if held.closed {
		return ErrClosed
	}
	if err := next.contents.Check(next.digest, held.expect()); err != nil {
		if errors.Is(err, keystore.ErrRolledBack) {
			return nil // another goroutine was faster
		}
		return fmt.Errorf("keyring: refresh: %w", err)
	}
	if held.root != next.root {
		r.outlived = append(r.outlived, held.root) // a writer may be signing with it; Close clears it
	}
	r.state.Store(next)
	if next.contents.Lease != held.contents.Lease && r.opts.RefreshInterval > 0 {
		r.follower.wake() // a shorter lease wants a look before the one that is due
	}
	r.payer.notice(held.contents.Owed, next.contents.Owed)
	r.stamp = stamp
	r.renewLocked(readAt)
	return nil
}

// stillFresh notes that the store held at readAt what the ring holds.
func (r *Ring) stillFresh(readAt time.Time, stamp string) error {
	r.swap.Lock()
	defer r.swap.Unlock()
	s := r.state.Load()
	if s.closed {
		return ErrClosed
	}
	if errors.Is(s.refusal, ErrStale) {
		r.state.Store(s.refusing(nil))
	}
	r.stamp = stamp
	r.renewLocked(readAt)
	return nil
}

// setKEKs makes keks the ones that the ring works with, of which those proven have just given the root back.
func (r *Ring) setKEKs(keks []*wrappers.KEK, proven []string) {
	r.swap.Lock()
	defer r.swap.Unlock()
	r.keks = keks
	r.payer.wake()
	clear(r.proven)
	for _, id := range proven {
		r.proven[id] = true
	}
}
