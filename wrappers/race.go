package wrappers

import (
	"context"
	"sync"
	"time"
)

// race is the state of one UnwrapFirst. Its own goroutine is the only one that touches it.
type race struct {
	candidates []Candidate
	aad        []byte
	began      time.Time
	delay      time.Duration

	waiting  []int // indexes of candidates not asked yet
	running  int
	attempts []Attempt
	replaced []bool // of each attempt, whether the next candidate was started because this one faltered

	// What the goroutines of the attempts report. None of them ever waits: there is room for all that they say.
	faltered chan int // the attempt that has failed once and is going to be retried
	finished chan finish
}

// finish is what the goroutine of an attempt reports.
type finish struct {
	attempt, candidate int
	plaintext          []byte
	err                error
}

func newRace(candidates []Candidate, aad []byte, o *HedgeOptions) *race {
	r := &race{candidates: candidates, aad: aad, began: time.Now(), delay: DefaultHedgeDelay}
	order := AsGiven
	if o != nil {
		order = o.Order
		if o.Delay > 0 {
			r.delay = o.Delay
		}
	}
	r.waiting = queue(candidates, order, r.began)
	r.faltered, r.finished = make(chan int, len(candidates)), make(chan finish, len(candidates))
	return r
}

func (r *race) run(ctx context.Context, accept func(i int, plaintext []byte) error) *First {
	hedge := time.NewTimer(r.delay)
	defer hedge.Stop()
	r.start(ctx)
	for r.running > 0 {
		select {
		case <-hedge.C:
			r.start(ctx)
		case n := <-r.faltered:
			r.replaced[n] = true
			r.start(ctx)
		case f := <-r.finished:
			if won := r.settle(f, accept); won != nil {
				return won
			}
			if ctx.Err() == nil && (r.running == 0 || !r.replaced[f.attempt]) {
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
	r.replaced = append(r.replaced, false)
	falter := sync.OnceFunc(func() { r.faltered <- n })
	go func() {
		plaintext, err := c.KEK.UnwrapNotify(ctx, c.Wrapped, r.aad, falter)
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
