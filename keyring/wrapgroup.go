package keyring

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// GroupRewrap says what became of a group whose members wrap shares of the root.
type GroupRewrap struct {
	Name      string
	Threshold int      // of the split that the keystore has now
	Shares    int      // that the keystore has now
	Split     Split    // where they are from
	Missing   []string // members that did not answer, which is why a split is kept or not whole
	Removed   []string // had a share of the split that is kept and are no members any more; see SplitKept
}

// Split says where the shares of a group are from.
type Split string

const (
	// SplitFresh: the root was split anew for all members that answered. If some did not, their shares are owed.
	SplitFresh Split = "fresh"
	// SplitKept: a member did not answer, so the shares are those that the group had, and new members are owed one. A removed
	// member has no stanza any more, but its share stays one of the split: who knows it, or opens it in an old copy of the
	// keystore, needs one share less. That ends with the next fresh split.
	SplitKept Split = "kept"
	// SplitNone: too few members answered for any share to be of use, so there are none, and all members are owed one.
	SplitNone Split = "none"
)

// add puts what t wrapped into w. The KEKs in by have just opened the root, by the stanzas that c has.
func (w *wrapped) add(t *team, c *keystore.Contents, by []string) {
	if t.Threshold == 1 {
		w.addRoots(t, c)
	} else {
		w.addShares(t, c, by)
	}
}

// addRoots: one that did not answer keeps the stanza that it had.
func (w *wrapped) addRoots(t *team, c *keystore.Contents) {
	w.addFresh(t)
	for _, s := range c.Stanzas {
		if w.causes[s.KEK] != nil && t.has(&s) && s.Share == 0 {
			w.stanzas = append(w.stanzas, s)
		}
	}
}

// addShares never mixes two splits. If all members have answered, the group has a fresh one. If not, it keeps the one that it
// has, where that still opens; a root that was never split for it is split for those that answered, where they are enough.
func (w *wrapped) addShares(t *team, c *keystore.Contents, by []string) {
	report := GroupRewrap{Name: t.Name, Missing: t.missing()}
	held, kept, removed := heldSplit(t, c)
	switch answered := len(t.keks) - len(report.Missing); {
	case answered == len(t.keks):
		report.Split = SplitFresh
		w.addFresh(t)
	case held != nil && len(kept) >= held.Threshold:
		report.Split, report.Removed = SplitKept, removed
		w.addKept(t, held, kept, by)
	case answered >= t.Threshold:
		report.Split = SplitFresh
		w.addFresh(t)
	default:
		report.Split = SplitNone
		w.addNone(t)
	}
	g := w.groups[len(w.groups)-1]
	report.Threshold = g.Threshold
	for _, s := range w.stanzas {
		if s.Group == g.Name {
			report.Shares++
		}
	}
	w.splits = append(w.splits, report)
}

func (w *wrapped) addFresh(t *team) {
	proven := 0
	for i, k := range t.keks {
		if err := t.results[i].err; err != nil {
			w.owe(t, k, err)
			continue
		}
		w.stanzas = append(w.stanzas, t.results[i].stanza)
		w.fresh[k.ID()] = true
		if !k.WrapOnly() {
			w.proven = append(w.proven, k.ID())
			proven++
		}
	}
	w.addGroup(t.Group, proven)
}

// addKept keeps a split whole but for the shares of those who are no members any more. What a member wrapped just now proves
// nothing of its old share; that it has just opened the root with it does. A recipient's recovery key may have: it will not be
// there at the next start.
func (w *wrapped) addKept(t *team, held *keystore.Group, kept []keystore.Stanza, by []string) {
	proven := 0
	for i, k := range t.keks {
		old := slices.ContainsFunc(kept, func(s keystore.Stanza) bool { return s.KEK == k.ID() })
		if err := t.results[i].err; err != nil {
			w.owe(t, k, err)
		} else if !old {
			w.owe(t, k, t.errWaits())
		}
		if old && !k.WrapOnly() && slices.Contains(by, k.ID()) {
			w.proven = append(w.proven, k.ID())
			proven++
		}
	}
	w.stanzas = append(w.stanzas, kept...)
	w.addGroup(*held, proven)
}

func (w *wrapped) addNone(t *team) {
	for i, k := range t.keks {
		err := t.results[i].err
		if err == nil {
			err = t.errWaits()
		}
		w.owe(t, k, err)
	}
	w.addGroup(t.Group, 0)
}

// addGroup notes a group of which so many KEKs were proven.
func (w *wrapped) addGroup(g keystore.Group, proven int) {
	w.groups = append(w.groups, g)
	if proven >= g.Threshold {
		w.satisfied = true
	} else {
		w.short = append(w.short, fmt.Sprintf("%s with %d of %d", g.Name, proven, g.Threshold))
	}
}

func (w *wrapped) owe(t *team, k *wrappers.KEK, cause error) {
	w.owed = append(w.owed, keystore.Owed{KEK: k.ID(), Provider: k.Provider(), Group: t.Name})
	w.causes[k.ID()] = cause
}

// has reports whether s is a stanza of the team's group, by one of its members.
func (t *team) has(s *keystore.Stanza) bool {
	return s.Group == t.Name && slices.ContainsFunc(t.keks, func(k *wrappers.KEK) bool { return isOf(k, s) })
}

// missing returns the members that did not answer.
func (t *team) missing() []string {
	var ids []string
	for i, k := range t.keks {
		if t.results[i].err != nil {
			ids = append(ids, k.ID())
		}
	}
	return ids
}

// errWaits is why a member that answered has no share.
func (t *team) errWaits() error {
	return fmt.Errorf("the group %s is split again when all its KEKs answer: %s did not", t.Name, strings.Join(t.missing(), ", "))
}

// heldSplit returns the split that c has for the team's group, nil if there is none, with the stanzas of those that are still
// members, and the KEKs of the others.
func heldSplit(t *team, c *keystore.Contents) (held *keystore.Group, kept []keystore.Stanza, removed []string) {
	for i := range c.Groups {
		if g := &c.Groups[i]; g.Name == t.Name && g.Threshold > 1 {
			held = g
		}
	}
	if held == nil {
		return nil, nil, nil
	}
	for _, s := range c.Stanzas {
		if s.Group != t.Name {
			continue
		}
		if t.has(&s) {
			kept = append(kept, s)
		} else {
			removed = append(removed, s.KEK)
		}
	}
	return held, kept, removed
}

// log says, once it is written, what nobody may be told by an error: Create and RotateRoot have no report.
func (w *wrapped) log(o *Options) {
	for _, debt := range w.owed {
		o.Logger.Warn("keyring: KEK did not wrap the root and is owed a stanza", "kek", debt.KEK, "error", w.causes[debt.KEK])
	}
	for i := range w.splits {
		w.splits[i].log(o)
	}
}

func (g *GroupRewrap) log(o *Options) {
	missing := strings.Join(g.Missing, " ")
	switch {
	case g.Split == SplitKept:
		o.Logger.Warn("keyring: group keeps its old split, since not all its KEKs answered", "group", g.Name, "missing", missing)
		if len(g.Removed) > 0 {
			o.Logger.Warn("keyring: shares of removed KEKs stay good until the group is split again", "group", g.Name, "removed", strings.Join(g.Removed, " "))
		}
	case g.Split == SplitNone:
		o.Logger.Warn("keyring: group opens nothing yet, since too few of its KEKs answered", "group", g.Name, "missing", missing)
	}
}
