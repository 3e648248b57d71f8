package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sealwax/sealwax/keystore"
)

// ways are the ways to open a keystore: groups, of which any that is satisfied opens it. Only what has just opened
// counts.
type ways struct {
	groups      []group
	unavailable bool // a KEK failed that may open it another time
	unasked     bool // a person was not asked, who may open it
}

// anyGroup is what keystores call the group of those that open them alone, and configs do not name.
const anyGroup = "any"

func groupName(configured string) string { return cmp.Or(configured, anyGroup) }

// group is a set of stanzas of which threshold are needed.
type group struct {
	name      string
	threshold int
	size      int
	opened    []string // KEKs
	given     []string // KEKs whose shares are here, and too few to be proven
	people    []string // KEKs whose people were not asked
	recovery  []string // KEKs that can only wrap: their stanzas are there, and unproven
}

func waysOf(c *keystore.Contents, all []*facts) *ways {
	w := &ways{}
	for _, g := range c.Groups {
		members := group{name: g.Name, threshold: g.Threshold}
		for _, s := range c.Stanzas {
			if s.Group == g.Name {
				members.size++
				w.count(&members, factsOf(all, s.KEK))
			}
		}
		w.groups = append(w.groups, members)
	}
	return w
}

func factsOf(all []*facts, kek string) *facts {
	for _, f := range all {
		if f.ID() == kek {
			return f
		}
	}
	return nil
}

// count adds a KEK of which the group has a stanza; nil is one that is not configured.
func (w *ways) count(g *group, f *facts) {
	switch {
	case f == nil:
	case f.opens():
		g.opened = append(g.opened, f.ID())
	case f.givesShare():
		g.given = append(g.given, f.ID())
	case f.WrapOnly():
		g.recovery = append(g.recovery, f.ID())
	case f.person && !f.asked:
		w.unasked, g.people = true, append(g.people, f.ID())
	case f.opened != nil && f.opened.Err != nil:
		w.unavailable = w.unavailable || unavailable(f.opened.Err)
	}
}

// open reports whether the keystore opens without that KEK, "" for with all.
func (w *ways) open(without string) bool {
	return slices.ContainsFunc(w.groups, func(g group) bool { return remaining(g.opened, without) >= g.threshold })
}

// recoverable is open with the recovery keys as well.
func (w *ways) recoverable(without string) bool {
	return slices.ContainsFunc(w.groups, func(g group) bool {
		return remaining(g.opened, without)+remaining(g.given, without)+remaining(g.recovery, without) >= g.threshold
	})
}

func remaining(keks []string, without string) (n int) {
	for _, k := range keks {
		if k != without {
			n++
		}
	}
	return n
}

// enough returns each way to open the keystore, in words: "transit.eu", "2 of aead.ann, aead.bob".
func (w *ways) enough() (by []string) {
	for _, g := range w.groups {
		switch {
		case len(g.opened) < g.threshold:
		case g.threshold == 1:
			by = append(by, g.opened...)
		default:
			by = append(by, fmt.Sprintf("%d of %s", g.threshold, strings.Join(g.opened, ", ")))
		}
	}
	return by
}

func (w *ways) recipients() (keks []string) {
	for _, g := range w.groups {
		keks = append(keks, g.recovery...)
	}
	return keks
}

// missing is how many shares more the group needs, below 1 if it has enough.
func (g *group) missing() int { return g.threshold - len(g.opened) - len(g.given) }

// recoveries returns, for each group that recovery keys would complete, the command that opens the keystore with them.
func (w *ways) recoveries() (commands []string) {
	for _, g := range w.groups {
		n := g.missing()
		switch {
		case n < 1 || n > len(g.recovery):
		case n == 1:
			commands = append(commands, fmt.Sprintf("'keyring recover%s' with the recovery key of %s", recoveryKeys(n), strings.Join(g.recovery, " or ")))
		default:
			commands = append(commands, fmt.Sprintf("'keyring recover%s' with %d of the recovery keys of %s", recoveryKeys(n), n, strings.Join(g.recovery, ", ")))
		}
	}
	return commands
}

func recoveryKeys(n int) string { return strings.Repeat(" --recovery-key FILE", n) }
