package doctor

import (
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

func (k *Keystore) lease(ch *chart) {
	if k.Contents.Lease == 0 {
		ch.add(Finding{Severity: Note, Check: "lease", Found: "none: a ring that cannot read the keystore goes on sealing",
			Effect: "nobody knows when a retired key seals for the last time, so none can be destroyed", Next: "keyring lease 5m"})
		return
	}
	ch.ok("lease", "a ring seals for %v after it last read the keystore", k.Contents.Lease)
}

func (k *Keystore) activeKey(ch *chart, now time.Time) {
	active := k.Contents.Active()
	switch {
	case active == nil:
		ch.add(Finding{Severity: Problem, Check: "active-key", Found: "no key is active", Effect: "nothing can be sealed", Next: "keyring rotate"})
	case active.Compromised:
		ch.add(Finding{Severity: Problem, Check: "active-key", Found: active.ID.String() + " is marked compromised",
			Effect: "nothing can be sealed, and others may read what was", Next: "keyring rotate"})
	default:
		ch.ok("active-key", "%s, %s old", active.ID, Span(now.Sub(active.Activated)))
	}
}

// rotation judges the schedule. That the active key is compromised or missing is active-key's finding.
func (k *Keystore) rotation(ch *chart, now time.Time) {
	if k.WearErr != nil {
		ch.fail("wear", "how much the keys have sealed is not known", "a key may seal more than it should", k.WearErr).Severity = Warning
	}
	switch s := k.Schedule; {
	case IsLate(s, k.Rotation):
		ch.add(Finding{Severity: Problem, Check: "rotation", Found: "overdue by " + Span(s.Overdue),
			Cause:  "nobody runs 'keyring maintain', or it fails",
			Effect: "a leak of the active key exposes more every day",
			Next:   "run 'keyring maintain --once', and see to it that 'keyring maintain' runs"})
	case !s.Next.IsZero():
		ch.ok("rotation", "the active key is replaced in %s", Span(s.Next.Sub(now)))
	case k.Rotation == keyring.Rotation{}:
		ch.ok("rotation", "by hand: the config has no rotation block")
	default:
		ch.ok("rotation", "once the active key has sealed as much as it may")
	}
}

// IsLate reports whether a rotation is overdue by more than happens while somebody maintains the keystore: a hundredth
// of the period, or of a date that somebody chose without a period, a minute.
func IsLate(s keyring.Schedule, r keyring.Rotation) bool {
	slack := r.Period / 100
	if r.Period == 0 {
		slack = time.Minute
	}
	return s.Overdue > slack
}

// compromised finds keys that are to be got rid of.
func (k *Keystore) compromised(ch *chart) {
	for i := range k.Contents.Keys {
		key := &k.Contents.Keys[i]
		if !key.Compromised || key.State == keystore.Active || key.State == keystore.Destroyed {
			continue
		}
		ch.add(Finding{Severity: Warning, Check: "compromised", Found: key.ID.String() + " is still there, and marked compromised",
			Effect: "others may read what it sealed",
			Next:   "run 'keyring rekey', then 'keyring destroy " + key.ID.String() + "'"})
	}
}
