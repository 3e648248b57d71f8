package wrappers

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

// maxInside is how many goroutines of one KEK may be inside its wrapper. Drivers that ignore their context keep theirs
// for as long as the provider hangs; when they hold every place, further calls are refused at once.
const maxInside = 16

var (
	errStuck  = fmt.Errorf("%d earlier calls still hang in the driver", maxInside)
	errClosed = errors.New("the KEK is closed")
	errGone   = errors.New("the driver ended its goroutine")
)

// places are those inside a wrapper. Close has one of its own, or a wrapper whose every place hangs could not be closed.
type places struct {
	taken chan struct{} // holds a token for each goroutine that is inside
	stuck atomic.Int32  // how many of these nobody waits for any more
}

func newPlaces(n int) *places { return &places{taken: make(chan struct{}, n)} }

// enter takes a place, and waits for one unless all are held by calls that hang.
func (p *places) enter(ctx context.Context) error {
	if ctx.Err() != nil {
		return later(context.Cause(ctx))
	}
	if int(p.stuck.Load()) >= cap(p.taken) {
		return later(errStuck)
	}
	select {
	case p.taken <- struct{}{}:
		return nil
	case <-ctx.Done():
		return later(context.Cause(ctx))
	}
}

func (p *places) leave() { <-p.taken }

// attempt runs f inside the wrapper of a KEK that is not closed.
func attempt[T any](ctx context.Context, k *KEK, f func(context.Context) (T, error)) (T, error) {
	if k.closed.Load() {
		var none T
		return none, never(errClosed)
	}
	return run(ctx, k.inside, k.options.Timeout, f)
}

// run runs f, which calls the wrapper, and returns when it is done or its deadline has passed, whichever is first. It
// never waits for a driver that ignores its context: f then goes on alone, and what it returns is cleared.
func run[T any](ctx context.Context, inside *places, timeout time.Duration, f func(context.Context) (T, error)) (T, error) {
	var none T
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no answer within %v: %w", timeout, context.DeadlineExceeded))
	defer cancel()
	if err := inside.enter(ctx); err != nil {
		return none, err
	}
	// Unbuffered: a result is either received below or dropped by the goroutine, never left lying between them.
	results, abandoned := make(chan result[T]), make(chan struct{})
	go func() {
		defer inside.leave()
		r := result[T]{err: never(errGone)}
		defer func() { // deferred, because a driver may also end the goroutine
			select {
			case results <- r:
			case <-abandoned:
				r.clear()
				inside.stuck.Add(-1)
			}
		}()
		r.value, r.err = guard(ctx, f)
	}()
	select {
	case r := <-results:
		if r.err != nil && ctx.Err() != nil {
			return none, later(r.err) // whatever the driver makes of a context that ended
		}
		return r.value, r.err
	case <-ctx.Done():
		inside.stuck.Add(1)
		close(abandoned)
		return none, later(context.Cause(ctx))
	}
}

// result is what a call of a wrapper came to.
type result[T any] struct {
	value T
	err   error
}

// clear overwrites a plaintext that nobody will receive.
func (r result[T]) clear() {
	if b, ok := any(r.value).([]byte); ok {
		clear(b)
	}
}

// guard runs f and turns a panic of the wrapper into an error of class Never: drivers panic on blobs that they did not
// expect, and what is in a file must not end the process.
func guard[T any](ctx context.Context, f func(context.Context) (T, error)) (value T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = never(panicked(p))
		}
	}()
	return f(ctx)
}

// panicked says what kind of panic it was. Its value may be anything that the driver had in its hands, so only the
// runtime's own is printed.
func panicked(p any) error {
	if own, ok := p.(runtime.Error); ok {
		return fmt.Errorf("the driver panicked: %s", own.Error())
	}
	return fmt.Errorf("the driver panicked with a value of type %T", p)
}
