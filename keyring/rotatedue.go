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

// rotateAsDue does what is due at the time now. It returns what it did, and what comes next. While the clock is doubted it does
// nothing for which there is a date.
func (r *Ring) rotateAsDue(ctx context.Context, p *policy, now time.Time, doubt bool) (done []rotationPlan, next Schedule, err error) {
	_ = r.counter.look(ctx) // a failure is in the log, and what is known already will do
	held := r.state.Load()
	plan := p.plan(held.contents, r.observe(held, now), now)
	if plan.waits(doubt) && r.opts.RefreshInterval >= 0 {
		return nil, plan.Schedule, nil // the ring follows the store without being told
	}
	if err := r.Refresh(ctx); err != nil {
		return nil, plan.Schedule, err
	}
	for range maxMoves {
		plan, err = r.rotateOnce(ctx, p, now, doubt)
		if err != nil || plan.move == moveNone {
			break
		}
		r.tell(&plan)
		done = append(done, plan)
	}
	return done, plan.Schedule, err
}

// waits reports whether there is nothing to be done now.
func (p *rotationPlan) waits(doubt bool) bool {
	dated := p.Reason == ReasonPeriod || p.Reason == ReasonPlanned
	return p.move == moveNone || doubt && dated
}

// rotateOnce does one thing that is due, if there is one. It is decided inside the write, on what that will replace.
func (r *Ring) rotateOnce(ctx context.Context, p *policy, now time.Time, doubt bool) (plan rotationPlan, err error) {
	err = r.step(ctx, func(next *keystore.Contents, held *root) error {
		plan = p.plan(next, r.observe(r.state.Load(), now), now)
		if plan.waits(doubt) {
			plan.move = moveNone
			return errNoChange
		}
		return r.carryOut(&plan, next, held, now)
	})
	if err != nil {
		return plan, fmt.Errorf("keyring: %s: %w", plan.attempt(), err)
	}
	return plan, nil
}

// carryOut does to next what the plan says, and notes in the plan which key was made.
func (r *Ring) carryOut(plan *rotationPlan, next *keystore.Contents, held *root, now time.Time) error {
	if plan.move == moveActivate {
		return activate(next, held, plan.Key)
	}
	k, err := r.addKey(next, held)
	if err != nil {
		return err
	}
	p := r.opts.policy()
	if plan.Reason == ReasonSigning && !p.signs(k) {
		return fmt.Errorf("a new key would not sign with all of %s either", strings.Join(p.algorithms, ", "))
	}
	plan.Key = k.ID
	if plan.move == moveReplace {
		return succeed(next, k, next.Written)
	}
	k.Activates = plan.activates(now, next.Written)
	return nil
}

// activates returns the date of a key that is made at the time now. Where the file's time is ahead of this clock, its dates are
// as well.
func (p *rotationPlan) activates(now, written time.Time) time.Time {
	return p.Next.Add(max(written.Sub(now.Truncate(time.Second)), 0)).UTC()
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
func (r *Ring) tell(done *rotationPlan) {
	if done.move == movePrepublish {
		r.opts.Logger.Info("keyring: the next key is made", "key", done.Key, "activates", done.Next, "reason", done.Reason)
		return
	}
	r.opts.Logger.Info("keyring: key activated", "key", done.Key, "reason", done.Reason, "overdue", done.Overdue)
}
