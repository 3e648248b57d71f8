package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/cmd/keyring/internal/doctor"
	"github.com/sealwax/sealwax/internal/plural"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// maintained is what keyring maintain --once reports. The names are API.
type maintained struct {
	Prepublished   *keystore.ID     `json:"prepublished"` // the key that was made for later
	Activated      *keystore.ID     `json:"activated"`    // the key that seals now, if that has changed
	Reason         keyring.Reason   `json:"reason"`       // why it was activated
	OverdueSeconds int64            `json:"overdue_seconds"`
	Paid           []string         `json:"paid"` // KEKs
	Owed           []maintainedDebt `json:"owed"`
	Next           *time.Time       `json:"next"` // when the active key is replaced; null: not by itself
	Rekeyed        []moved          `json:"rekeyed"`
	Generation     uint64           `json:"generation"`
	Error          *string          `json:"error,omitempty"`

	schedule keyring.Schedule
}

type maintainedDebt struct {
	KEK   string    `json:"kek"`
	Since time.Time `json:"since"`
	Error *string   `json:"error"` // null: it was not asked
}

// errOverdue: a rotation should have happened.
var errOverdue = errors.New("rotation is overdue")

func (c *cli) maintainOnce(ctx context.Context, asJSON bool) error {
	var report *maintained
	err := c.withRing(ctx, false, func(s *site, ring *keyring.Ring) error {
		done, err := ring.MaintainOnce(ctx)
		if done == nil {
			return err
		}
		seen := ring.Seen()
		s.remember(context.WithoutCancel(ctx), seen)
		if err == nil && doctor.IsLate(done.Schedule, s.config.Rotation) {
			err = lateError(done.Schedule)
		}
		report = newMaintained(done, seen.Generation)
		moved, moveErr := newMover(s, ring).move(ctx)
		report.Rekeyed = append(report.Rekeyed, moved...)
		err = errors.Join(err, moveErr)
		if !asJSON {
			s.printMaintained(report)
		}
		return err
	})
	if report == nil {
		return c.fail(asJSON, err)
	}
	if asJSON {
		report.Error = text(err)
		return errors.Join(err, c.printJSON(report))
	}
	return err
}

func newMaintained(m *keyring.Maintenance, generation uint64) *maintained {
	r := &maintained{
		Prepublished: orNull(m.Prepublished), Activated: orNull(m.Activated), Reason: m.Reason,
		OverdueSeconds: int64(max(m.Overdue, m.Schedule.Overdue) / time.Second),
		Paid:           append([]string{}, m.Paid...), Owed: []maintainedDebt{}, Rekeyed: []moved{}, Next: timeOrNull(m.Schedule.Next),
		Generation: generation, schedule: m.Schedule,
	}
	for _, o := range m.Owed {
		r.Owed = append(r.Owed, maintainedDebt{o.KEK, o.Since, text(o.Err)})
	}
	return r
}

// lateError says what a rotation waits for that is overdue after all that could be done.
func lateError(s keyring.Schedule) error {
	if s.Key.IsZero() {
		return fmt.Errorf("%w by %s", errOverdue, doctor.Span(s.Overdue))
	}
	return fmt.Errorf("%w by %s: its key %s is there, and is to become active on %s: run this again then, or now: keyring activate %s",
		errOverdue, doctor.Span(s.Overdue), s.Key, s.Next.Format(time.RFC3339), s.Key)
}

func (s *site) printMaintained(r *maintained) {
	w := s.cli.out
	if r.Prepublished != nil {
		fmt.Fprintf(w, "made key %s\n", r.Prepublished)
	}
	if r.Activated != nil {
		fmt.Fprintf(w, "active key %s: the one before was replaced %s\n", r.Activated, why[r.Reason])
	}
	for _, kek := range r.Paid {
		fmt.Fprintf(w, "%s has the stanza that it was owed\n", kek)
	}
	for _, o := range r.Owed {
		cause := "it was not asked: run 'keyring rewrap'"
		if o.Error != nil {
			cause = *o.Error
		}
		fmt.Fprintf(w, "%s is still owed a stanza: %s\n", o.KEK, cause)
	}
	for _, m := range r.Rekeyed {
		fmt.Fprintf(w, "%s: moved %s of compromised keys, %d failed\n", m.Source, plural.Of(m.Resealed, "message"), m.FailedTotal)
	}
	next := s.unplanned()
	if r.Next != nil {
		next = planText(r.schedule)
	}
	fmt.Fprintf(w, "generation %d; next rotation: %s\n", r.Generation, next)
}
