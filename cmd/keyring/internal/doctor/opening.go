package doctor

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sealwax/sealwax/internal/plural"
	"github.com/sealwax/sealwax/keyring"
)

const (
	addKEK      = "put another KEK into the config and run 'keyring rewrap'"
	addRecovery = "keyring recipient new --out recovery.key"
)

// openingFindings are about all KEKs together: whether the keystore opens, its keys with it, and what if one KEK were lost.
func (c *Case) openingFindings(all []*facts, v verification) []Finding {
	w := waysOf(c.Keystore.Contents, all)
	ch := &chart{subject: "keystore"}
	if v.err != nil {
		ch.fail("opens", "could not be tried", "whether a start succeeds is not known", v.err)
	} else {
		w.describe(ch, c.Change)
	}
	c.thresholds(ch)
	if v.report != nil {
		keys(ch, v.report)
	}
	if len(w.recipients()) == 0 {
		ch.add(Finding{Severity: Note, Check: "recovery", Found: "there is no recovery key", Effect: "when all KEKs are lost, so is the data",
			Next: addRecovery + ", put the recipient into the config, and run 'keyring rewrap'"})
	}
	findings := ch.findings
	if w.open("") && !c.Change { // else what rewrap would leave is what counts
		for _, f := range all {
			if f.kept != nil {
				findings = append(findings, w.without(f.ID()))
			}
		}
	}
	return findings
}

// describe says of each group how many of its members opened, and of the whole whether that is enough. A change is not good
// enough while that waits for a person.
func (w *ways) describe(ch *chart, change bool) {
	for _, g := range w.groups {
		if g.threshold > 1 {
			g.describe(ch, change)
		}
	}
	if by := w.enough(); len(by) > 0 {
		ch.ok("opens", "by %s", strings.Join(by, "; or by "))
		return
	}
	f := Finding{Severity: Problem, Check: "opens", Found: "not with the KEKs of this config", Cause: "each of them failed or has no stanza, see there", unavailable: w.unavailable,
		Effect: "no start succeeds; services that are running go on", Next: "mend one of the KEKs"}
	if change {
		f.Next = "mend one of them, or keep the block of a KEK that opens it until 'keyring rewrap' has run"
	}
	if r := w.recoveries(); len(r) > 0 {
		f.Next += ", or add one to the config and run " + strings.Join(r, ", or ")
	}
	if w.unasked {
		f = Finding{Severity: Note, Check: "opens", Found: "not by itself: a person has to be asked", Effect: "a start waits for somebody at a terminal",
			Next: asking(change)}
	}
	if w.unasked && change {
		f.Severity, f.unavailable = Problem, true
	}
	ch.add(f)
}

// asking is the command that also asks people.
func asking(change bool) string {
	if change {
		return "keyring config check --live --ask"
	}
	return "keyring doctor --ask"
}

// describe counts the shares. Officers who are not here, as they should not be, are nothing to warn of.
func (g *group) describe(ch *chart, change bool) {
	f := Finding{Severity: OK, Check: "group", Found: fmt.Sprintf("%s: %d of %s opened, and %d are needed", g.name, len(g.opened), plural.Of(g.size, "share"), g.threshold)}
	switch spare := len(g.opened) - g.threshold; {
	case spare < 0 && g.missing() <= len(g.recovery):
		f.Severity, f.Cause = Note, "the others are recovery keys, which only a person has: "+strings.Join(g.recovery, ", ")
		f.Effect, f.Next = "this group opens the keystore with 'keyring recover' alone", "keyring recover --check"+recoveryKeys(g.missing())
	case spare < 0 && g.missing() <= len(g.recovery)+len(g.people):
		f.Severity, f.Cause = Note, "the others wait for a person: "+strings.Join(slices.Concat(g.people, g.recovery), ", ")
		f.Effect, f.Next = "this group opens the keystore when somebody is at a terminal", asking(change)
	case spare < 0:
		f.Severity, f.Cause = Warning, "the other members failed or were not asked, see there"
		f.Effect, f.Next = "this group does not open the keystore", "mend a member, or run 'keyring rewrap' with others"
	case spare == 0:
		f.Severity, f.Effect, f.Next = Note, "none of them may fail", "put one more member into the group and run 'keyring rewrap'"
	}
	ch.add(f)
}

// thresholds compares those of the keystore with those of the config.
func (c *Case) thresholds(ch *chart) {
	for _, g := range c.Keystore.Contents.Groups {
		if wanted, ok := c.Groups[g.Name]; ok && wanted != g.Threshold {
			ch.add(Finding{Severity: Warning, Check: "group", Found: fmt.Sprintf("%s needs %d of its KEKs, and %d by the config", g.Name, g.Threshold, wanted),
				Cause: "the config was changed after the root was wrapped", Effect: "the group opens the keystore as before", Next: "keyring rewrap"})
		}
	}
}

func keys(ch *chart, report *keyring.Report) {
	opened, notTried := 0, 0
	for _, k := range report.Keys {
		switch {
		case k.Err == nil:
			opened++
		case errors.Is(k.Err, keyring.ErrNotProven):
			notTried++
		default:
			ch.add(Finding{Severity: Problem, Check: "keys", Found: fmt.Sprintf("key %s does not open", k.ID), Cause: k.Err.Error(),
				Effect: "messages under it cannot be opened", Next: "keep the file, and restore a backup of before"})
		}
	}
	if opened > 0 {
		ch.ok("keys", "%d of %s open", opened, plural.Of(len(report.Keys), "key"))
	}
	if notTried > 0 {
		ch.add(Finding{Severity: Note, Check: "keys", Found: plural.Of(notTried, "key") + " not tried", Cause: "no KEK opened the root",
			Effect: "whether they open is not known", Next: "mend one of the KEKs, then run 'keyring doctor' again"})
	}
}

// without says what if that KEK were lost.
func (w *ways) without(kek string) Finding {
	ch := chart{subject: kek}
	f := Finding{Check: "loss", Cause: "no other KEK, alone or in its group, has just opened the keystore"}
	switch {
	case w.open(kek):
		ch.ok("loss", "the keystore would still open")
		return ch.findings[0]
	case w.recoverable(kek):
		f.Severity, f.Found = Warning, "without it, only the recovery key opens the keystore; last proven: unknown"
		f.Effect, f.Next = "no start succeeds until a person brings the recovery key", addKEK
	case w.unasked:
		f.Severity, f.Found = Note, "without it, only a person opens the keystore"
		f.Effect, f.Next = "a start waits for somebody at a terminal", addKEK
	default:
		f.Severity, f.Found = Warning, "without it, nothing opens the keystore"
		f.Effect, f.Next = "all data is lost with it", addKEK+", or a recovery key: "+addRecovery
	}
	ch.add(f)
	return ch.findings[0]
}
