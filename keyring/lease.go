package keyring

import (
	"context"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// SetLease makes d, in whole seconds up to keystore.MaxLease, the lease of the keystore: how long every ring of it goes on
// sealing after its last successful refresh. Zero is for ever. A ring with a shorter Options.Lease keeps to that. If it is
// the lease already, nothing is written. No KEK is called.
//
// A ring goes by the lease that it has read last. So a shorter lease bounds a ring only once that has refreshed; one
// that cannot read the store goes on for as long as the lease before allows, which is for ever if there was none. Wait
// that long, or restart those that have not refreshed, before you take a census to destroy a key by.
func (r *Ring) SetLease(ctx context.Context, d time.Duration) error {
	if err := checkLease(d); err != nil {
		return fmt.Errorf("keyring: set the lease: %w", err)
	}
	if err := r.setLease(ctx, d); err != nil {
		return fmt.Errorf("keyring: set the lease: %w", err)
	}
	return nil
}

func (r *Ring) setLease(ctx context.Context, d time.Duration) error {
	if _, err := r.writable(); err != nil {
		return err
	}
	// Another process may have set another one since: unlike a key's state, a lease does not only go forward.
	if err := r.Refresh(ctx); err != nil {
		return within{err}
	}
	return r.amend(ctx, func(next *keystore.Contents, _ *root) error {
		if next.Lease == d {
			return errNoChange
		}
		next.Lease = d
		return nil
	})
}

// checkLease reports what is wrong with a lease, if anything.
func checkLease(d time.Duration) error {
	if d < 0 || d%time.Second != 0 || d > keystore.MaxLease {
		return fmt.Errorf("%s: a lease is a number of whole seconds, %s at most", d, keystore.MaxLease)
	}
	return nil
}

// Lease returns how long the ring seals after its last successful refresh: the shorter one of Options.Lease and that of the
// keystore. Zero is no bound.
func (r *Ring) Lease() time.Duration {
	return shorter(r.opts.Lease, r.state.Load().contents.Lease)
}

// shorter returns the shorter of two leases, of which zero is no lease.
func shorter(a, b time.Duration) time.Duration {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
