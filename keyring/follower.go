package keyring

import (
	"context"
	"sync"
	"time"

	"github.com/sealwax/sealwax/internal/sleep"
)

// minLookGap is the shortest time between two looks at the store that unknown keys cause. Messages with random key IDs
// must not become a load on the store.
const minLookGap = time.Second

// follower is the goroutine of a ring that looks at the store: at every interval, and when somebody asked for a key that
// the ring does not hold.
type follower struct {
	asked  chan struct{} // capacity 1: a look is wanted
	cancel context.CancelFunc
	done   chan struct{} // closed when the goroutine has ended

	mu   sync.Mutex
	next *look // the next one to begin
}

// look is one refresh. Whoever waits for it asked before it began.
type look struct {
	ended chan struct{}
	err   error // once ended is closed
}

func newLook() *look { return &look{ended: make(chan struct{})} }

func (f *follower) start(r *Ring) {
	ctx, cancel := context.WithCancel(context.Background())
	f.asked, f.cancel, f.done, f.next = make(chan struct{}, 1), cancel, make(chan struct{}), newLook()
	go f.run(ctx, r)
}

func (f *follower) stop() {
	f.cancel()
	<-f.done
}

func (f *follower) run(ctx context.Context, r *Ring) {
	defer close(f.done)
	var last time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.nextLook():
		case <-f.asked:
			if !sleep.For(ctx, time.Until(last.Add(minLookGap))) {
				return
			}
		}
		last = time.Now()
		f.look(ctx, r)
	}
}

// nextLook returns what fires when the ring shall look by itself, nil for never. A lease that is shorter than the interval
// wants more looks, so that one that fails does not end it.
func (r *Ring) nextLook() <-chan time.Time {
	interval := r.opts.RefreshInterval
	if interval < 0 {
		return nil
	}
	if lease := r.Lease(); lease != 0 {
		interval = min(interval, lease/3)
	}
	return time.After(interval)
}

func (f *follower) look(ctx context.Context, r *Ring) {
	f.mu.Lock()
	l := f.next
	f.next = newLook()
	f.mu.Unlock()
	l.err = r.Refresh(ctx)
	if l.err != nil && ctx.Err() == nil {
		r.opts.Logger.Warn("keyring: refresh failed, going on with what is held", "generation", r.Seen().Generation, "error", l.err)
	}
	close(l.ended)
}

// wake asks for a look without waiting for it.
func (f *follower) wake() {
	select {
	case f.asked <- struct{}{}:
	default: // one is already asked for
	}
}

// wait asks for a look and waits for one that began after the call.
func (f *follower) wait(ctx context.Context) error {
	f.mu.Lock()
	l := f.next
	f.mu.Unlock()
	f.wake()
	select {
	case <-l.ended:
		return l.err
	case <-ctx.Done():
		return ctx.Err()
	case <-f.done:
		return ErrClosed
	}
}
