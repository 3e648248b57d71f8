package main

import (
	"fmt"
	"strings"

	"github.com/sealwax/sealwax/keystore"
)

// defaultGroup is what a keystore calls the group of KEKs that each open it alone.
const defaultGroup = "any"

// statusGroup is a group of the keystore: as many of its stanzas as the threshold open it.
type statusGroup struct {
	Name      string   `json:"name"`
	Threshold int      `json:"threshold"`
	Stanzas   int      `json:"stanzas"`
	Owed      []string `json:"owed"` // KEKs
}

func statusGroups(contents *keystore.Contents) []statusGroup {
	groups := []statusGroup{}
	for _, g := range contents.Groups {
		one := statusGroup{Name: g.Name, Threshold: g.Threshold, Owed: []string{}}
		for _, st := range contents.Stanzas {
			if st.Group == g.Name {
				one.Stanzas++
			}
		}
		for _, o := range contents.Owed {
			if o.Group == g.Name {
				one.Owed = append(one.Owed, o.KEK)
			}
		}
		groups = append(groups, one)
	}
	return groups
}

// warnGroups adds what is not as the config has it, or not enough.
func (r *status) warnGroups(configured map[string]int) {
	for _, g := range r.Groups {
		wanted, ok := configured[g.Name]
		if ok && wanted != g.Threshold {
			r.add("the group %s needs %d of its KEKs, and %d by the config: run 'keyring rewrap'", g.Name, g.Threshold, wanted)
		}
		if g.Stanzas < g.Threshold && g.Name != defaultGroup {
			r.add("the group %s has %d of the %d shares that it needs and opens nothing: run 'keyring rewrap' when its KEKs answer", g.Name, g.Stanzas, g.Threshold)
		}
	}
}

// printGroups prints a table of the groups, if there are others than the default one.
func (c *cli) printGroups(groups []statusGroup) {
	if len(groups) == 1 && groups[0].Name == defaultGroup {
		return
	}
	w := c.table()
	fmt.Fprintln(w, "\nGROUP\tNEEDS\tOWED")
	for _, g := range groups {
		owed := "no"
		if len(g.Owed) > 0 {
			owed = strings.Join(g.Owed, " ")
		}
		fmt.Fprintf(w, "%s\t%d of %d\t%s\n", g.Name, g.Threshold, g.Stanzas, owed)
	}
	w.Flush()
}
