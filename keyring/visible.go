package keyring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// visibility is how long after a write every ring of the store has taken it over. A look at the store that began just
// before the write is followed by another one, an interval after it has ended; both together may take as long as an
// interval. A ring that does not look by itself cannot know how often others do.
func (o *Options) visibility() time.Duration {
	if o.RefreshInterval < 0 {
		return 2 * defaultRefreshInterval
	}
	return 2 * o.RefreshInterval
}

// visibleByAnyClock is visibility as others measure it, from the time that the keystore has of the write: their clocks
// may be ahead of the writer's, and its time may be most of a second ago.
func (o *Options) visibleByAnyClock() time.Duration {
	return o.visibility() + o.ClockSkew + 2*time.Second
}

// rotateVisibly rotates so that no other process meets a message of a key that it could not have seen.
func (r *Ring) rotateVisibly(ctx context.Context) (keystore.ID, error) {
	wait := r.opts.visibility()
	// The plan is for whoever maintains the keystore if this process ends meanwhile.
	id, planned, err := r.publish(ctx, func(now time.Time) time.Time {
		return plannable(now.Add(r.opts.visibleByAnyClock()))
	})
	if err != nil {
		return id, err
	}
	if err = r.await(ctx, wait); err == nil {
		err = r.amend(ctx, func(next *keystore.Contents, held *root) error {
			if k := next.Find(id); k != nil && !k.Activated.IsZero() {
				return errNoChange // somebody else was as good as we, and may have gone on to the next key
			}
			return activate(next, held, id)
		})
	}
	if err != nil && !errors.Is(err, ErrState) && !errors.Is(err, ErrUnknownKey) && !errors.Is(err, keystore.ErrOutcomeUnknown) {
		err = fmt.Errorf("key %s is prepublished: it becomes active on %s where 'keyring maintain' runs, or now, with 'keyring activate %s': %w",
			id, date(planned), id, err)
	}
	return id, err
}

// await waits for d, unless ctx ends or the ring is closed first.
func (r *Ring) await(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-r.follower.done:
		return within{ErrClosed}
	}
}
