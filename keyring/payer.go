package keyring

import (
	"context"
	"slices"
	"time"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// maxPayPause is the longest mean pause between two attempts to pay. It bounds what a KEK that is gone for weeks costs.
const maxPayPause = time.Hour

// payer is the goroutine of a ring that pays debts: it wraps the root for KEKs that are owed a stanza, once they answer.
// A ring that may not write has none.
type payer struct {
	noticed chan struct{} // capacity 1: there is a new debt
	cancel  context.CancelFunc
	done    chan struct{} // closed when the goroutine has ended

	refused refusals // the goroutine's own
}

func (p *payer) start(r *Ring) {
	if r.opts.ReadOnly || r.opts.PayInterval < 0 {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.noticed, p.cancel, p.done = make(chan struct{}, 1), cancel, make(chan struct{})
	p.refused = make(refusals)
	go p.run(ctx, r)
}

func (p *payer) stop() {
	if p.cancel != nil {
		p.cancel()
		<-p.done
	}
}

// run tries to pay while something is owed. It starts over, with short pauses, when there is a new debt or the ring has other
// KEKs.
func (p *payer) run(ctx context.Context, r *Ring) {
	defer close(p.done)
	// Spread, so that of several servers one comes first.
	pauses := pauses(r.opts.PayInterval, max(r.opts.PayInterval, maxPayPause), 0.5)
	next := pauses.NextBackOff()
	for {
		var due <-chan time.Time
		if teams, err := r.due(r.state.Load().contents, p.refused); err != nil || len(teams) > 0 {
			due = time.After(next) // an error too: pay says it again, to the log
		}
		select {
		case <-ctx.Done():
			return
		case <-p.noticed:
			clear(p.refused)
			pauses.Reset()
			next = pauses.NextBackOff()
		case <-due:
			next = pauses.NextBackOff()
			if err := r.pay(ctx, p.refused); err != nil && ctx.Err() == nil {
				r.opts.Logger.Warn("keyring: a KEK is still owed a stanza", "error", err, "next", rounded(next))
			}
		}
	}
}

// notice wakes the payer if next has a debt that prev did not have.
func (p *payer) notice(prev, next []keystore.Owed) {
	if slices.ContainsFunc(next, func(o keystore.Owed) bool { return !slices.Contains(prev, o) }) {
		p.wake()
	}
}

// wake has the payer start over.
func (p *payer) wake() {
	select {
	case p.noticed <- struct{}{}:
	default: // it is awake already, or there is none
	}
}

// refusals are the KEKs that said never, with what they said, so that they are not asked once an hour for ever.
type refusals map[string]error

// giveUp takes note of who said never, and returns the errors of the others.
func (r *Ring) giveUp(errs []error, refused refusals) []error {
	return slices.DeleteFunc(errs, func(err error) bool {
		if mayAnswer(err) {
			return false
		}
		r.opts.Logger.Warn("keyring: a KEK will not wrap the root and is not asked again: mend it, or take it out, and run 'keyring rewrap'", "error", err)
		for _, said := range kekErrors(err) {
			refused[said.KEK] = err
		}
		return true
	})
}

// without returns what can be paid of the teams although some have said never.
func (f refusals) without(teams []*team) []*team {
	return slices.DeleteFunc(teams, func(t *team) bool {
		all := len(t.keks)
		t.keks = slices.DeleteFunc(t.keks, func(k *wrappers.KEK) bool { return f[k.ID()] != nil })
		return len(t.keks) == 0 || len(t.keks) < all && t.Threshold > 1
	})
}
