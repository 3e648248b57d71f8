package wrappers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// DefaultHedgeDelay is how long [UnwrapFirst] waits for a KEK before it also asks the next one. A healthy KMS answers
// in 5 to 200 ms, with a cold connection and credentials to fetch in up to a second: so a normal start asks one KEK,
// and one that hangs costs a second instead of its whole timeout.
const DefaultHedgeDelay = time.Second

// ErrNotNeeded is in the chain of the error of an attempt that was cancelled because another KEK had answered.
var ErrNotNeeded = errors.New("not needed: another KEK answered first")

var errNobody = errors.New("none of the KEKs can unwrap")

// Candidate is a KEK and what it once wrapped.
type Candidate struct {
	KEK     *KEK
	Wrapped *Wrapped
}

// HedgeOptions has working zero values.
type HedgeOptions struct {
	Delay time.Duration // 0 is DefaultHedgeDelay
	Order Order         // 0 is AsGiven
}

// Attempt is what came of one candidate.
type Attempt struct {
	KEK     string        // its ID
	Started time.Duration // after the call of UnwrapFirst
	Took    time.Duration
	Err     error // nil for the one that won
}

// First is the candidate that won.
type First struct {
	Index     int       // in the candidates given
	Plaintext []byte    // the caller's, who clears it
	Attempts  []Attempt // of all candidates that were asked, in the order in which they were
}

// SetError says that none of several KEKs unwrapped, and why for each that was asked.
type SetError struct {
	Attempts []Attempt
}

// Error returns the error of the one attempt, or a line for each of several.
func (e *SetError) Error() string {
	switch len(e.Attempts) {
	case 0:
		return "wrappers: " + errNobody.Error()
	case 1:
		return e.Attempts[0].Err.Error()
	}
	lines := []string{fmt.Sprintf("wrappers: none of the %d KEKs asked could unwrap:", len(e.Attempts))}
	for _, a := range e.Attempts {
		lines = append(lines, strings.TrimPrefix(a.Err.Error(), "wrappers: "))
	}
	return strings.Join(lines, "\n\t")
}

// Unwrap returns the errors of the attempts.
func (e *SetError) Unwrap() []error {
	errs := make([]error, len(e.Attempts))
	for i, a := range e.Attempts {
		errs[i] = a.Err
	}
	return errs
}

// UnwrapFirst unwraps with any one of the candidates and returns the first plaintext that accept, given the
// candidate's index, has no objection to. They are asked in the order that o says; the next one is started when one
// has failed, though it may still be retried, when accept has refused its plaintext, or when the hedge delay has
// passed since the last start. A KEK that may have to ask a person is started only when all others have failed, and
// one that can only wrap never. An inactive KEK may win.
//
// When there is a winner the others are cancelled. UnwrapFirst returns when they have stopped waiting, which is at once;
// a driver that ignores its context goes on alone. accept is called by one goroutine at a time and must not keep the
// plaintext. If nobody wins, the error is a [*SetError].
func UnwrapFirst(ctx context.Context, candidates []Candidate, aad []byte, accept func(i int, plaintext []byte) error, o *HedgeOptions) (*First, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := newRace(candidates, aad, o)
	won := r.run(ctx, accept)
	cancel(NotNeeded(r.delay))
	r.drain()
	if won == nil {
		return nil, &SetError{Attempts: r.attempts}
	}
	won.Attempts = r.attempts
	return won, nil
}

// NotNeeded returns the cause to cancel calls with when enough KEKs have answered; it is [ErrNotNeeded]. One that was
// waited for longer than patience, the hedge delay, and has not answered, will not be asked first again at once: see
// [Health].
func NotNeeded(patience time.Duration) error { return notNeeded{patience} }

type notNeeded struct{ patience time.Duration }

func (notNeeded) Error() string { return ErrNotNeeded.Error() }

func (notNeeded) Is(target error) bool { return target == ErrNotNeeded }
