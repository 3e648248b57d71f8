package keyring

import (
	"time"

	"github.com/sealwax/sealwax/aead"
	"github.com/sealwax/sealwax/keystore"
)

// Reason is why a key is replaced.
type Reason string

const (
	ReasonPeriod      Reason = "period"      // it has sealed for Rotation.Period
	ReasonMessages    Reason = "messages"    // it has sealed most of Rotation.Messages
	ReasonBytes       Reason = "bytes"       // it has sealed most of Rotation.Bytes
	ReasonCompromised Reason = "compromised" // it is marked so
	ReasonUnusable    Reason = "unusable"    // nobody can seal with it, or there is none
	ReasonSigning     Reason = "signing"     // it lacks an algorithm of Options.Signing
	ReasonPlanned     Reason = "planned"     // another key was prepublished with an earlier date
)

// Schedule says when the active key is replaced next. The zero Schedule: not by itself.
type Schedule struct {
	Next   time.Time   // the next activation; the present or later
	Reason Reason      // why
	Key    keystore.ID // which becomes active then; zero if it is not made yet

	// NextPrepublish is when that key is made. Zero if it is there.
	NextPrepublish time.Time

	// Overdue is for how long the rotation should have happened. It is below a hundredth of the period while somebody
	// maintains the keystore; more is nobody doing so.
	Overdue time.Duration

	// Lead is how long any key that is made from now on is known before it seals, unless there is an emergency.
	Lead time.Duration
}

// Observed is what is known of a key beside what the keystore says. The zero value: nothing.
type Observed struct {
	// Since is when it was first seen in its state, by a clock for which that lies in the future: the clock that wrote the
	// keystore was ahead, or this one is behind. A key's age counts from here then.
	Since time.Time

	Sealed   Count // about how much it has sealed
	Unusable bool  // it did not open
}

// Schedule says when the active key of c is replaced next, by whoever maintains the keystore with options o. It is a
// function of its arguments alone and wants no KEK; seen may be nil. Ring.Schedule is the same for a ring.
func (o *Options) Schedule(c *keystore.Contents, seen map[keystore.ID]Observed, now time.Time) Schedule {
	p := o.policy()
	return p.plan(c, seen, now).Schedule
}

// A move is what is to be done to the keystore now.
type move string

const (
	moveNone       move = ""           // nothing
	movePrepublish move = "prepublish" // make a key that becomes active at Schedule.Next
	moveActivate   move = "activate"   // Schedule.Key
	moveReplace    move = "replace"    // make a key that is active at once
)

type rotationPlan struct {
	Schedule
	move move
}

// plan decides what is to be done now, and when there is something to be done next. It is called again inside every
// write, on what is there then: so of several processes the first does it, and the others find nothing left to do.
//
// Whatever it says to do leads to contents for which it says something else: there is no clock under which it goes on
// for ever.
func (p *policy) plan(c *keystore.Contents, seen map[keystore.ID]Observed, now time.Time) rotationPlan {
	now = now.UTC().Truncate(time.Second)
	s := &succession{policy: p, active: c.Active(), keys: c.Keys, seen: seen, now: now}
	if s.active != nil {
		s.demand = p.demand(s.active, seen[s.active.ID], now)
	} else {
		s.demand = p.demand(nil, Observed{}, now)
	}
	if k, at := s.successor(); k != nil {
		return s.with(k, at)
	}
	if s.never() {
		return rotationPlan{Schedule: Schedule{Lead: p.shortLead()}}
	}
	return s.without()
}

// with is the plan for k, which is to be active at the time at.
func (s *succession) with(k *keystore.Key, at time.Time) rotationPlan {
	plan := rotationPlan{Schedule{Next: later(at, s.now), Key: k.ID, Reason: s.reason, Lead: s.shortLead()}, moveNone}
	due := s.at
	if s.never() || s.reason == ReasonPeriod && at.Before(due) {
		plan.Reason, due = ReasonPlanned, at
	}
	if plan.Reason == ReasonPeriod || plan.Reason == ReasonPlanned {
		plan.Overdue = max(s.now.Sub(due), 0)
	}
	if !at.After(s.now) {
		plan.move = moveActivate
	}
	return plan
}

// without is the plan for a key that is not made yet.
func (s *succession) without() rotationPlan {
	plan := rotationPlan{Schedule{Reason: s.reason, NextPrepublish: later(s.at.Add(-s.usual), s.now), Lead: s.shortLead()}, moveNone}
	plan.Next = wholeSecond(s.met(plan.NextPrepublish))
	if s.reason == ReasonPeriod {
		plan.Overdue = max(s.now.Sub(s.at), 0)
	}
	switch {
	case plan.NextPrepublish.After(s.now):
	case plan.Next.After(s.now):
		plan.move = movePrepublish
	default:
		plan.move = moveReplace
	}
	return plan
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// wholeSecond rounds up.
func wholeSecond(t time.Time) time.Time {
	if whole := t.Truncate(time.Second); whole.Before(t) {
		return whole.Add(time.Second)
	}
	return t
}

// seals reports whether k can be used for sealing, as far as is known.
func seals(k *keystore.Key, seen Observed) bool {
	return aead.Suite(k.Suite) == sealingSuite && !k.Compromised && !seen.Unusable
}
