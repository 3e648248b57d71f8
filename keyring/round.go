package keyring

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// maxMoves is more than there ever is to do at one time: to make a key, and to activate it.
const maxMoves = 4

// round is one round of automatic rotation. While the clock is doubted it does nothing for which there is a date.
type round struct {
	ring   *Ring
	policy policy
	now    time.Time
	doubt  bool
}

// run does what is due. It returns what it did, and what comes next.
func (o *round) run(ctx context.Context) (done []rotationPlan, next Schedule, err error) {
	plan := o.plan(o.ring.state.Load().contents)
	if o.waits(&plan) && o.ring.opts.RefreshInterval >= 0 {
		return nil, plan.Schedule, nil // the ring follows the store without being told
	}
	if err := o.ring.Refresh(ctx); err != nil {
		return nil, plan.Schedule, err
	}
	for range maxMoves {
		plan, err = o.step(ctx)
		if err != nil || plan.move == moveNone {
			break
		}
		o.tell(&plan)
		done = append(done, plan)
	}
	return done, plan.Schedule, err
}

func (o *round) plan(c *keystore.Contents) rotationPlan {
	held := o.ring.state.Load()
	o.ring.observe(held, o.now)
	return o.policy.plan(c, o.ring.observed(held), o.now)
}

// waits reports whether there is nothing to be done now.
func (o *round) waits(p *rotationPlan) bool {
	dated := p.Reason == ReasonPeriod || p.Reason == ReasonPlanned
	return p.move == moveNone || o.doubt && dated
}

// step does one thing that is due, if there is one. It is decided inside the write, on what that will replace.
func (o *round) step(ctx context.Context) (plan rotationPlan, err error) {
	err = o.ring.amend(ctx, func(next *keystore.Contents, held *root) error {
		plan = o.plan(next)
		if o.waits(&plan) {
			plan.move = moveNone
			return errNoChange
		}
		return o.carryOut(&plan, next, held)
	})
	if err != nil {
		return plan, fmt.Errorf("keyring: %s: %w", plan.attempt(), err)
	}
	return plan, nil
}

// carryOut does to next what the plan says, and notes in the plan which key was made.
func (o *round) carryOut(plan *rotationPlan, next *keystore.Contents, held *root) error {
	if plan.move == moveActivate {
		return activate(next, held, plan.Key)
	}
	k, err := o.ring.addKey(next, held)
	if err != nil {
		return err
	}
	if plan.Reason == ReasonSigning && !o.policy.signs(k) {
		return fmt.Errorf("a new key would not sign with all of %s either", strings.Join(o.policy.algorithms, ", "))
	}
	plan.Key = k.ID
	if plan.move == moveReplace {
		return succeed(next, k, next.Written)
	}
	k.Activates = plan.activates(o.now, next.Written)
	return nil
}

// activates returns the date of a key that is made at the time now. Where the file's time is ahead of this clock, its dates
// are as well: by centuries perhaps, more than a time.Duration holds.
func (p *rotationPlan) activates(now, written time.Time) time.Time {
	now = now.Truncate(time.Second)
	if !written.After(now) {
		return plannable(p.Next).UTC()
	}
	return plannable(written.Add(p.Next.Sub(now))).UTC()
}

// attempt says what was to be done, for an error.
func (p *rotationPlan) attempt() string {
	switch p.move {
	case movePrepublish:
		return fmt.Sprintf("make the key that becomes active on %s", date(p.Next))
	case moveActivate:
		return fmt.Sprintf("activate key %s (%s)", p.Key, p.Reason)
	}
	return fmt.Sprintf("rotate (%s)", p.Reason)
}

// tell logs what was done.
func (o *round) tell(done *rotationPlan) {
	log := o.ring.opts.Logger
	if done.move == movePrepublish {
		log.Info("keyring: the next key is made", "key", done.Key, "activates", done.Next, "reason", done.Reason)
		return
	}
	log.Info("keyring: key activated", "key", done.Key, "reason", done.Reason, "overdue", done.Overdue)
}
