package rekey

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/internal/sleep"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// patience is for how long a run waits for a ring whose lease ran out, and shortPause and longPause are between its
// looks at the store.
const (
	patience   = time.Minute
	shortPause = 250 * time.Millisecond
	longPause  = 5 * time.Second
)

// activeKey returns the active key of the ring, once it has one.
func (r *run) activeKey(ctx context.Context) (keystore.ID, error) {
	for {
		id, err := r.ring.ActiveKey()
		if err == nil {
			return id, nil
		}
		if err := r.revive(ctx, err); err != nil {
			return keystore.ID{}, err
		}
	}
}

// await refreshes the ring for the first time, and waits until it seals.
func (r *run) await(ctx context.Context) error {
	refreshed := r.ring.Refresh(ctx)
	_, err := r.ring.ActiveKey()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, keyring.ErrStale):
		return r.revive(ctx, err)
	}
	return errors.Join(refreshed, err)
}

// revive waits until a ring seals again that refused with cause. It returns why it does not.
func (r *run) revive(ctx context.Context, cause error) error {
	if !r.asking.take(ctx) {
		return context.Cause(ctx)
	}
	defer r.asking.give()
	began := time.Now()
	for pause := shortPause; errors.Is(cause, keyring.ErrStale); pause = min(2*pause, longPause) {
		refreshed := r.ring.Refresh(ctx)
		if _, cause = r.ring.ActiveKey(); cause == nil {
			return nil
		}
		if waited := time.Since(began); waited+pause > patience {
			return fmt.Errorf("%w, for %s now: %w", cause, waited.Round(time.Second), refreshed)
		}
		if !sleep.For(ctx, pause) {
			return context.Cause(ctx)
		}
	}
	return cause
}
