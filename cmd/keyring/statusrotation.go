package main

import (
	"fmt"
	"time"

	"github.com/sealwax/sealwax/cmd/keyring/internal/doctor"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// statusRotation says when the active key is replaced next, by whoever maintains the keystore.
type statusRotation struct {
	Activated      *time.Time     `json:"activated"` // of the active key
	PeriodSeconds  int64          `json:"period_seconds"`
	Next           *time.Time     `json:"next"`            // null: not by itself
	Reason         keyring.Reason `json:"reason"`          // why it is replaced
	Key            *keystore.ID   `json:"key"`             // its successor; null if that is not made yet
	NextPrepublish *time.Time     `json:"next_prepublish"` // when that is made
	OverdueSeconds int64          `json:"overdue_seconds"`
	Wear           []statusWear   `json:"wear"` // what was counted so far, in the order of the keys

	now       time.Time
	schedule  keyring.Schedule
	active    *keystore.ID // nil if there is none
	late      bool         // by more than happens while somebody maintains the keystore
	unplanned string       // why there is no next date
}

// statusWear is about how much was sealed with a key.
type statusWear struct {
	ID       keystore.ID `json:"id"`
	Messages uint64      `json:"messages"`
	Bytes    uint64      `json:"bytes"`
}

// rotation plans as 'keyring maintain' would, but for what only an open keystore tells.
func (s *site) rotation(contents *keystore.Contents, worn []keyring.KeyWear, now time.Time) *statusRotation {
	period := s.config.Rotation.Period
	r := &statusRotation{now: now, PeriodSeconds: int64(period / time.Second), Wear: []statusWear{}, unplanned: s.unplanned()}
	seen := make(map[keystore.ID]keyring.Observed)
	for _, w := range worn {
		seen[w.ID] = w.Observed()
		if sealed := seen[w.ID].Sealed; contents.Find(w.ID) != nil {
			r.Wear = append(r.Wear, statusWear{w.ID, sealed.Messages, sealed.Bytes})
		}
	}
	if active := contents.Active(); active != nil {
		r.active, r.Activated = &active.ID, timeOrNull(active.Activated)
	}
	r.schedule = s.configured().Schedule(contents, seen, now)
	r.Next, r.NextPrepublish = timeOrNull(r.schedule.Next), timeOrNull(r.schedule.NextPrepublish)
	r.Reason, r.OverdueSeconds = r.schedule.Reason, int64(r.schedule.Overdue/time.Second)
	r.Key = orNull(r.schedule.Key)
	r.late = doctor.IsLate(r.schedule, s.config.Rotation)
	return r
}

// unplanned says why there is no date for the next rotation.
func (s *site) unplanned() string {
	if (s.config.Rotation == keyring.Rotation{}) {
		return "by hand: the config has no rotation block"
	}
	return "once the key has sealed as much as it may"
}

// due is when the active key should have been replaced, or is to be.
func (r *statusRotation) due() string {
	return r.now.Add(-r.schedule.Overdue).UTC().Format(time.RFC3339)
}

// warning says that the rotation is overdue, "" if it is not.
func (r *statusRotation) warning() string {
	if !r.late {
		return ""
	}
	return fmt.Sprintf("ROTATION IS OVERDUE by %s: key %s should have been replaced on %s, and nobody did it: "+
		"run 'keyring maintain --once' now, and see to it that 'keyring maintain' runs",
		doctor.Span(r.schedule.Overdue), r.active, r.due())
}

// age says for how long the active key has been so, and how much it has sealed if somebody has counted.
func (r *statusRotation) age() string {
	text := ""
	if r.Activated != nil {
		text = ", active for " + doctor.Span(r.now.Sub(*r.Activated))
	}
	for _, w := range r.Wear {
		if w.ID == *r.active {
			text += fmt.Sprintf(", about %d messages and %d bytes sealed", w.Messages, w.Bytes)
		}
	}
	return text
}

// why are the reasons as people say them.
var why = map[keyring.Reason]string{
	keyring.ReasonPeriod:      "at the end of its period",
	keyring.ReasonMessages:    "because of how many messages it has sealed",
	keyring.ReasonBytes:       "because of how many bytes it has sealed",
	keyring.ReasonCompromised: "because it is marked compromised",
	keyring.ReasonUnusable:    "because nobody can seal with it",
	keyring.ReasonSigning:     "because it lacks an algorithm of the signing block",
	keyring.ReasonPlanned:     "as planned when its successor was prepublished",
}

// rotationText says when the active key is replaced.
func (c *cli) rotationText(r *statusRotation) string {
	switch {
	case r.late:
		return c.red("OVERDUE since " + r.due())
	case r.Next == nil:
		return r.unplanned
	}
	return planText(r.schedule)
}

// planText says when the active key is replaced by whom, and why.
func planText(s keyring.Schedule) string {
	text := fmt.Sprintf("on %s, %s", s.Next.Format(time.RFC3339), why[s.Reason])
	if !s.Key.IsZero() {
		text += ", by key " + s.Key.String()
	}
	return text
}
