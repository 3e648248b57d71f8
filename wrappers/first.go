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

// UnwrapFirst unwraps with any one of the candidates and returns the first plaintext that accept, given the candidate's
// index, has no objection to. They are asked in the order given; the next one is started when one has failed, when
// accept has refused its plaintext, or when the hedge delay has passed since the last start. A KEK that may have to ask
// a person is started only when all others have failed, and one that can only wrap never. An inactive KEK may win.
//
// When there is a winner the others are cancelled. UnwrapFirst returns when they have stopped waiting, which is at once;
// a driver that ignores its context goes on alone. accept is called by one goroutine at a time and must not keep the
// plaintext. If nobody wins, the error is a [*SetError].
func UnwrapFirst(ctx context.Context, candidates []Candidate, aad []byte, accept func(i int, plaintext []byte) error, o *HedgeOptions) (*First, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := &race{candidates: candidates, aad: aad, began: time.Now(), delay: DefaultHedgeDelay}
	r.finished = make(chan finish, len(candidates)) // nobody who finishes ever waits
	if o != nil && o.Delay > 0 {
		r.delay = o.Delay
	}
	r.queue()
	won := r.run(ctx, accept)
	cancel(ErrNotNeeded)
	r.drain()
	if won == nil {
		return nil, &SetError{Attempts: r.attempts}
	}
	won.Attempts = r.attempts
	return won, nil
}

// race is the state of one UnwrapFirst. Its own goroutine is the only one that touches it.
type race struct {
	candidates []Candidate
	aad        []byte
	began      time.Time
	delay      time.Duration

	waiting  []int // indexes of candidates not asked yet
	running  int
	attempts []Attempt
	finished chan finish
}

// finish is what the goroutine of an attempt reports.
type finish struct {
	attempt, candidate int
	plaintext          []byte
	err                error
}

// queue lines up who can unwrap: machines in the order given, then those who ask a person.
func (r *race) queue() {
	var people []int
	for i, c := range r.candidates {
		switch {
		case c.KEK.WrapOnly():
		case c.KEK.WaitsForPerson():
			people = append(people, i)
		default:
			r.waiting = append(r.waiting, i)
		}
	}
	r.waiting = append(r.waiting, people...)
}

func (r *race) run(ctx context.Context, accept func(i int, plaintext []byte) error) *First {
	hedge := time.NewTimer(r.delay)
	defer hedge.Stop()
	r.start(ctx)
	for r.running > 0 {
		select {
		case <-hedge.C:
			r.start(ctx)
		case f := <-r.finished:
			if won := r.settle(f, accept); won != nil {
				return won
			}
			if ctx.Err() == nil {
				r.start(ctx)
			}
		}
		hedge.Reset(r.delay)
	}
	return nil
}

// start asks the next candidate, unless it may ask a person while somebody else is still at work.
func (r *race) start(ctx context.Context) {
	if len(r.waiting) == 0 || r.running > 0 && r.candidates[r.waiting[0]].KEK.WaitsForPerson() {
		return
	}
	i, n := r.waiting[0], len(r.attempts)
	r.waiting = r.waiting[1:]
	r.running++
	c := r.candidates[i]
	r.attempts = append(r.attempts, Attempt{KEK: c.KEK.ID(), Started: time.Since(r.began)})
	go func() {
		plaintext, err := c.KEK.Unwrap(ctx, c.Wrapped, r.aad)
		r.finished <- finish{attempt: n, candidate: i, plaintext: plaintext, err: err}
	}()
}

// settle records how an attempt ended and returns the winner if it is one.
func (r *race) settle(f finish, accept func(i int, plaintext []byte) error) *First {
	c := r.candidates[f.candidate]
	if f.err == nil {
		if err := accept(f.candidate, f.plaintext); err != nil {
			f.err = c.KEK.errorOf("unwrap", c.Wrapped.KeyID, never(err), f.plaintext)
			clear(f.plaintext)
		}
	}
	r.note(f)
	if f.err != nil {
		return nil
	}
	return &First{Index: f.candidate, Plaintext: f.plaintext}
}

func (r *race) note(f finish) {
	r.running--
	a := &r.attempts[f.attempt]
	a.Took = time.Since(r.began) - a.Started
	a.Err = f.err
}

// drain waits for those who were cancelled. A plaintext that came too late is cleared.
func (r *race) drain() {
	for r.running > 0 {
		f := <-r.finished
		if f.err == nil {
			clear(f.plaintext)
			f.err = r.candidates[f.candidate].KEK.errorOf("unwrap", "", later(ErrNotNeeded), nil)
		}
		r.note(f)
	}
}
