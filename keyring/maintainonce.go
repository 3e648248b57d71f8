package keyring

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// payTimeout bounds an attempt to pay. A KEK that hangs longer is asked by the next one.
const payTimeout = time.Minute

// Maintenance is what MaintainOnce did, and what it left.
type Maintenance struct {
	Prepublished keystore.ID   // the key that was made for later; zero if none was
	Activated    keystore.ID   // the key that seals now; zero if that has not changed
	Reason       Reason        // why it was activated
	Overdue      time.Duration // for how long it should have been

	Paid []string // the KEKs that were owed a stanza, and have it now
	Owed []Debt   // those that are owed one still

	Schedule Schedule // what comes next
}

// Debt is a KEK that is owed a stanza, and why it was not paid.
type Debt struct {
	keystore.Owed
	Err error // nil if it was not asked: that takes a person, or the config is another one than that of the keystore; run Rewrap
}

// MaintainOnce does what Maintain would do now, for a program that runs now and then: more often than a two-hundredth
// of Options.Rotation.Period, or than half its Prepublish if that is shorter. It asks the KEKs that are owed a stanza,
// too, at most for a minute, while it replaces keys. If a key that it has made has to wait for other readers only, it
// waits for them, as Rotate does.
//
// The report is there also with an error, unless the store could not be read: something else may have been done. That a
// KEK is not paid is no error.
func (r *Ring) MaintainOnce(ctx context.Context) (*Maintenance, error) {
	if r.opts.ReadOnly {
		return nil, fmt.Errorf("keyring: maintain: %w", ErrReadOnly)
	}
	if err := r.Refresh(ctx); err != nil {
		return nil, fmt.Errorf("keyring: maintain: %w", within{err})
	}
	_ = r.counter.look(ctx) // without it only wear is not known, which is logged
	m := new(Maintenance)
	var paying sync.WaitGroup
	before := r.Owed()
	var payErr error
	refused := make(refusals)
	paying.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, payTimeout)
		defer cancel()
		payErr = r.pay(ctx, refused)
	})
	err := r.rotateNow(ctx, m)
	paying.Wait()
	m.settle(before, r.Owed(), payErr, refused)
	if err != nil {
		return m, fmt.Errorf("keyring: maintain: %w", within{err})
	}
	return m, nil
}

// rotateNow does what is due, and waits for what is due as soon as other readers can know of it.
func (r *Ring) rotateNow(ctx context.Context, m *Maintenance) error {
	p := r.opts.policy()
	for {
		done, next, err := (&round{r, p, r.opts.now(), false}).run(ctx)
		m.note(done, next)
		wait := next.Next.Sub(r.opts.now())
		if err != nil || m.Prepublished.IsZero() || next.Key != m.Prepublished || wait > p.readers {
			return err
		}
		if err := r.await(ctx, wait); err != nil {
			return fmt.Errorf("key %s is made, and becomes active on %s where 'keyring maintain' runs: %w", next.Key, date(next.Next), err)
		}
	}
}

func (m *Maintenance) note(done []rotationPlan, next Schedule) {
	for _, d := range done {
		if d.move == movePrepublish {
			m.Prepublished = d.Key
			continue
		}
		m.Activated, m.Reason, m.Overdue = d.Key, d.Reason, d.Overdue
	}
	m.Schedule = next
}

// settle notes who of those that were owed a stanza before is owed one now, and why.
func (m *Maintenance) settle(before, now []keystore.Owed, err error, refused refusals) {
	for _, o := range before {
		if !slices.ContainsFunc(now, func(still keystore.Owed) bool { return still.KEK == o.KEK }) {
			m.Paid = append(m.Paid, o.KEK)
		}
	}
	said := make(map[string]error)
	for _, e := range kekErrors(err) {
		said[e.KEK] = e
	}
	for _, o := range now {
		m.Owed = append(m.Owed, Debt{o, cmp.Or(said[o.KEK], refused[o.KEK], err)})
	}
}
