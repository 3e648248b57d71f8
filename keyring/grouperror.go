package keyring

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sealwax/sealwax/wrappers"
)

// groupError says how far a group got, who failed, and how.
type groupError struct {
	text  string
	lines []string
	errs  []error
}

// Error returns a line for the group, and one below it for each KEK.
func (e *groupError) Error() string {
	return strings.Join(append([]string{e.text}, e.lines...), "\n\t")
}

// Unwrap returns the errors of the KEKs, and ErrNoKEK where too few were given.
func (e *groupError) Unwrap() []error { return e.errs }

func (e *groupError) add(err error) {
	e.errs = append(e.errs, err)
	e.lines = append(e.lines, strings.TrimPrefix(err.Error(), "wrappers: "))
}

// err says how many of the shares that are needed were there, and what is wrong with the others.
func (g *gathering) err() error {
	e := g.verdict()
	for _, m := range g.members[:g.asked] {
		if m.attempt.Err != nil {
			e.add(m.attempt.Err)
		}
	}
	for _, id := range g.unpinned {
		e.add(errUnpinned(g.contents, id))
	}
	if spared := idsOf(g.members[g.asked:]); len(spared) > 0 {
		why := ""
		if len(g.pool.shares)+len(spared) < g.group.Threshold {
			why = ", since that would not be enough"
		}
		e.lines = append(e.lines, "not asked"+why+": "+strings.Join(spared, ", "))
	}
	absent, locked := g.absent()
	if len(absent) > 0 {
		e.lines = append(e.lines, "not here: "+strings.Join(absent, ", ")+
			"; name them in the config, or give their recovery keys to 'keyring recover', each with a --recovery-key of its own")
	}
	if len(locked) > 0 {
		e.lines = append(e.lines, "only with a recovery key: "+strings.Join(locked, ", ")+
			"; give it to 'keyring recover', with a --recovery-key of its own")
	}
	return e
}

// verdict is about the group as a whole. Shares that were enough and do not fit are all to blame, if they were tried.
func (g *gathering) verdict() *groupError {
	have, need, tried := len(g.pool.shares), g.group.Threshold, g.pool.tried
	e := &groupError{text: fmt.Sprintf("group %s: %d of the %d shares that it needs", g.group.Name, have, need)}
	switch {
	case have >= need && g.pool.cut != nil:
		e.errs = append(e.errs, g.pool.cut)
		e.text = fmt.Sprintf("group %s: %d shares, of which %d choices were tried: %v", g.group.Name, have, tried, g.pool.cut)
	case have >= need:
		e.text = fmt.Sprintf("group %s: %d shares, and no %d of them give the root; %d choices were tried", g.group.Name, have, need, tried)
		g.blame(errUnfitting, g.givers...)
	case len(g.members)+len(g.unpinned) < need:
		e.errs = append(e.errs, ErrNoKEK)
		e.text = ErrNoKEK.Error() + ": " + e.text
	}
	return e
}

// blame makes err the error of these members.
func (g *gathering) blame(err error, members ...int) {
	for _, i := range members {
		m := &g.members[i]
		m.attempt.Err = errOf(m.kek, m.stanza, err)
	}
}

func idsOf(members []member) []string {
	var ids []string
	for _, m := range members {
		ids = append(ids, m.kek.ID())
	}
	return ids
}

// absent returns the KEKs that have a share and were not given, and those that were given and can only wrap.
func (g *gathering) absent() (absent, locked []string) {
	given := append(idsOf(g.members), g.unpinned...)
	for _, s := range g.contents.Stanzas {
		switch {
		case s.Group != g.group.Name || slices.Contains(given, s.KEK):
		case slices.Contains(g.public, s.KEK):
			locked = append(locked, s.KEK)
		default:
			absent = append(absent, s.KEK)
		}
	}
	return absent, locked
}

func wrapOnlyOf(keks []*wrappers.KEK) []string {
	return idsOfKEKs(slices.DeleteFunc(slices.Clone(keks), func(k *wrappers.KEK) bool { return !k.WrapOnly() }))
}
