package keyring

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// patience is for how long the first try, in which the KEKs are asked as in any Load, is the only one. The slowest healthy
// start that was measured takes 2 s; one that takes longer may hang, and must not keep the others waiting.
const patience = 3 * time.Second

// vigil is a Load that waits. All KEKs are asked together once, in the order and with the delays of any Load. From then on
// each is asked by itself, in a rhythm of its own, so that one which hangs delays no other.
type vigil struct {
	ring   *Ring
	askers []*asker
	pause  time.Duration // of each asker, before it begins
	turn   chan struct{} // closed when the askers may begin
	tries  chan try
}

// try is one attempt to open the keystore: it was opened, or there is an error.
type try struct {
	by     *asker          // nil: all KEKs together
	of     keystore.Digest // what it was that they were to open
	opened *reading
	err    error
	known  bool          // the error is that of an earlier try, and no KEK was called
	next   time.Duration // the pause before the next one
}

// openWaiting opens the keystore with the first KEK that answers within Options.Wait.
func (r *Ring) openWaiting(ctx context.Context) (*reading, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, r.opts.Wait, fmt.Errorf("%v have passed", r.opts.Wait))
	defer cancel()
	began := time.Now()
	first, err := r.read(ctx)
	if err != nil {
		return nil, err
	}
	v := &vigil{ring: r, askers: askersOf(first.contents, r.keks), pause: askPauses().NextBackOff(), turn: make(chan struct{}), tries: make(chan try)}
	opened, err := v.keep(ctx, first)
	if err != nil {
		return nil, v.explain(ctx, first, err)
	}
	if waited := time.Since(began); waited > patience {
		r.opts.Logger.Info("keyring: keystore opened, the wait is over", "keks", opened.opened.by, "waited", waited)
	}
	return opened, nil
}

// explain says whether it was the time that ran out.
func (v *vigil) explain(ctx context.Context, first *reading, err error) error {
	switch {
	case !isOfKEK(err):
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("%w while waiting for a KEK to open keystore %s: %w", context.Cause(ctx), first.contents.ID, err)
	}
	return errNotOpened(first.contents.ID, err)
}

// keep asks until the keystore is open, or a try says that waiting is of no use, or ctx is done. It leaves no goroutine
// behind.
func (v *vigil) keep(ctx context.Context, first *reading) (opened *reading, err error) {
	asking, stop := context.WithCancel(ctx)
	defer stop()
	said := &verdicts{vigil: v, latest: make(map[*asker]try)}
	v.start(asking, first)
	for t := range v.tries { // until the last of them has seen that it is to stop
		switch {
		case t.opened != nil && opened == nil:
			opened = t.opened
			stop()
		case t.opened != nil:
			t.opened.opened.close() // another KEK was faster by a hair
		case asking.Err() != nil:
			said.cutShort(t)
		case !said.goOn(t):
			stop()
		}
	}
	if opened != nil {
		return opened, nil
	}
	return nil, said.causes()
}

// start makes the first try, and has the askers wait for their turn: until that try has failed, or has taken too long.
func (v *vigil) start(ctx context.Context, first *reading) {
	var tries sync.WaitGroup
	tries.Go(func() {
		patient := time.AfterFunc(patience, func() { close(v.turn) })
		t := v.ring.open(ctx, first, v.ring.keks)
		t.next = v.pause
		if patient.Stop() {
			v.spare(first.digest, t.err)
			close(v.turn)
		}
		v.tries <- t
	})
	for _, a := range v.askers {
		tries.Go(func() { v.ask(ctx, a) })
	}
	go func() {
		tries.Wait()
		close(v.tries)
	}()
}
