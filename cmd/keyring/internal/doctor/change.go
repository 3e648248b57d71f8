package doctor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// changeFindings say what 'keyring rewrap' would come to with a config that is not in use yet. What each KEK has to do for it
// is among its own findings.
func (c *Case) changeFindings(all []*facts) []Finding {
	if !c.mayRewrap(all) {
		return nil // which the findings of the keystore say, with what to do
	}
	ch := &chart{subject: "change"}
	const check = "rewrap"
	w := c.waysAfter(all)
	switch {
	case w.open(""):
		ch.ok(check, "would leave these ways in: %s", strings.Join(w.enough(), "; or "))
	case w.unasked:
		ch.add(Finding{Severity: Problem, Check: check, Found: "not known: a person has to be asked", Effect: "the change is not proven",
			Next: asking(true), unavailable: true})
	default:
		ch.add(Finding{Severity: Problem, Check: check, Found: "would be refused: no active KEK, and no group of them, has wrapped and given back",
			Cause: "recovery recipients and inactive KEKs do not count", Effect: "the keystore keeps its stanzas", Next: "mend an active KEK, or add one"})
	}
	if !w.open("") {
		return ch.findings
	}
	for _, f := range all {
		if loss := w.without(f.ID()); f.Active() && loss.Severity != OK {
			loss.Subject, loss.Found = ch.subject, fmt.Sprintf("%s: %s", f.ID(), loss.Found)
			loss.Cause = "no other active KEK, alone or in its group, has just wrapped and given back"
			ch.findings = append(ch.findings, loss)
		}
	}
	return ch.findings
}

// mayRewrap reports whether 'keyring rewrap' could open what it is to wrap anew, if there is anything yet.
func (c *Case) mayRewrap(all []*facts) bool {
	if c.Keystore.Contents == nil {
		return c.Keystore.Err == nil
	}
	w := waysOf(c.Keystore.Contents, all)
	return w.open("") || w.unasked
}

// waysAfter are the ways to open the keystore that the config would make: with KEKs that have just wrapped and given back.
func (c *Case) waysAfter(all []*facts) *ways {
	w := &ways{}
	for _, name := range append([]string{""}, slices.Sorted(maps.Keys(c.Groups))...) {
		g := group{name: groupName(name), threshold: max(1, c.Groups[name])}
		for _, f := range all {
			if f.Group() != name || !f.Active() {
				continue
			}
			g.size++
			switch {
			case f.person && !f.asked:
				w.unasked, g.people = true, append(g.people, f.ID())
			case f.trip.err != nil:
			case f.WrapOnly():
				g.recovery = append(g.recovery, f.ID())
			default:
				g.opened = append(g.opened, f.ID())
			}
		}
		w.groups = append(w.groups, g)
	}
	return w
}
