package keyring

import (
	"context"
	"slices"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// maxPayPause is the longest mean pause between two attempts to pay. It bounds what a KEK that is gone for weeks costs.
const maxPayPause = time.Hour

// payer is the goroutine of a ring that pays debts: it wraps the root for KEKs that are owed a stanza, once they answer.
// A ring that may not write has none.
type payer struct {
	noticed chan struct{} // capacity 1: there is a new debt
	cancel  context.CancelFunc
	done    chan struct{} // closed when the goroutine has ended
}

func (p *payer) start(r *Ring) {
	if r.opts.ReadOnly || r.opts.PayInterval < 0 {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.noticed, p.cancel, p.done = make(chan struct{}, 1), cancel, make(chan struct{})
	go p.run(ctx, r)
}

func (p *payer) stop() {
	if p.cancel != nil {
		p.cancel()
		<-p.done
	}
}

// run tries to pay while something is owed. It starts over with short pauses when a new debt is noticed.
func (p *payer) run(ctx context.Context, r *Ring) {
	defer close(p.done)
	pauses := pauses(r.opts.PayInterval, max(r.opts.PayInterval, maxPayPause), 0.5) // jitter, so that of several servers one comes first
	next := pauses.NextBackOff()
	for {
		var due <-chan time.Time
		if teams, err := dues(r.state.Load().contents, r.currentKEKs(), r.opts.Groups); err != nil || len(teams) > 0 {
			due = time.After(next) // an error too: pay says it again, to the log
		}
		select {
		case <-ctx.Done():
			return
		case <-p.noticed:
			pauses.Reset()
			next = pauses.NextBackOff()
		case <-due:
			next = pauses.NextBackOff()
			if err := r.pay(ctx); err != nil && ctx.Err() == nil {
				r.opts.Logger.Warn("keyring: a KEK is still owed a stanza", "error", err, "next", next)
			}
		}
	}
}

// notice starts over if next has a debt that prev did not have.
func (p *payer) notice(prev, next []keystore.Owed) {
	old := func(o keystore.Owed) bool { return slices.Contains(prev, o) }
	if p.cancel == nil || len(slices.DeleteFunc(slices.Clone(next), old)) == 0 {
		return
	}
	select {
	case p.noticed <- struct{}{}:
	default: // it knows already
	}
}
