package keyring

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	// maxLook is the longest time between two looks at what is due. The clock may have jumped, and keys wear.
	maxLook = 10 * time.Minute
	// minLook is the shortest: the keystore's times are whole seconds.
	minLook = time.Second
	// maxSpread bounds how far apart several processes look at one date. The first does what is due, and the others see it.
	maxSpread = 10 * time.Second
	// roundTimeout bounds a round. A store that hangs must not keep the next one from coming.
	roundTimeout = time.Minute
)

// Maintain replaces keys as Options.Rotation and Options.Signing want it, and activates those that were prepublished with a
// date, until ctx ends, whose error it returns, or the ring is closed. KEKs that are owed a stanza are paid by the ring as
// well, beside it, see Options.PayInterval. So no rotation waits for a KEK, and none is called for it.
//
// Run it in any number of the processes that share a keystore: what is due is decided anew inside the write, so one of them
// does it. What fails is logged and tried again, after pauses that grow to 10 min.
//
// A key becomes active within a hundredth of the period after the one before it has been active for that long: also
// over restarts and changes of the clock, and after all processes were down, counted from their return. A clock that
// jumps is believed when it has stayed there for a four-hundredth of the period. Where several readers need to know the
// next key first, what has to be made up for takes 2 min at least.
func (r *Ring) Maintain(ctx context.Context) error {
	if r.opts.ReadOnly {
		return fmt.Errorf("keyring: maintain: %w", ErrReadOnly)
	}
	m := newMaintainer(r)
	for {
		select {
		case <-time.After(m.look(ctx)):
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-r.follower.done:
			return ErrClosed
		}
	}
}

// maintainer is one call of Maintain.
type maintainer struct {
	ring    *Ring
	policy  policy
	clock   steadyClock
	doubts  bool // the clock's jump has been logged
	retries *backoff.ExponentialBackOff
}

func newMaintainer(r *Ring) *maintainer {
	p := r.opts.policy()
	return &maintainer{ring: r, policy: p, clock: steadyClock{tell: r.opts.Clock, patience: p.base() / 400},
		retries: pauses(minLook, maxLook, 0.5)}
}

// look does what is due, and returns after what pause to look again.
func (m *maintainer) look(ctx context.Context) time.Duration {
	ctx, cancel := context.WithTimeout(ctx, roundTimeout)
	defer cancel()
	now, doubt := m.clock.now()
	m.warn(now, doubt)
	_, next, err := (&round{m.ring, m.policy, now, doubt}).run(ctx)
	if err != nil && !errors.Is(err, ErrClosed) && !errors.Is(context.Cause(ctx), context.Canceled) {
		pause := m.retries.NextBackOff()
		m.ring.opts.Logger.Warn("keyring: rotation failed", "error", err, "next", rounded(pause))
		return pause
	}
	m.retries.Reset()
	return m.pause(next, now)
}

func (m *maintainer) warn(now time.Time, doubt bool) {
	if doubt && !m.doubts {
		m.ring.opts.Logger.Warn("keyring: the clock has jumped, and is believed if it stays there", "clock", m.ring.opts.now(), "expected", now)
	}
	m.doubts = doubt
}

// pause returns how long it is until the next look: to what s says comes next, or less.
func (m *maintainer) pause(s Schedule, now time.Time) time.Duration {
	look := max(min(m.policy.base()/200, maxLook), minLook)
	if often := m.ring.opts.RefreshInterval; often > 0 {
		look = max(min(look, often), minLook)
	}
	for _, next := range []time.Time{s.NextPrepublish, s.Next} {
		if until := wholeSecond(next).Sub(now); !next.IsZero() && until < look {
			look = max(until, 0) + rand.N(max(min(m.policy.base()/1000, maxSpread), 1))
			break
		}
	}
	return max(look, 10*time.Millisecond)
}
