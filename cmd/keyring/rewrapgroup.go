package main

import (
	"fmt"
	"strings"

	"github.com/sealwax/sealwax/keyring"
)

// rewrappedGroup is what keyring rewrap reports of a group of which several KEKs open the keystore together. The names
// are API.
type rewrappedGroup struct {
	Name      string        `json:"name"`
	Threshold int           `json:"threshold"`
	Shares    int           `json:"shares"`
	Split     keyring.Split `json:"split"`   // fresh, kept or none
	Missing   []string      `json:"missing"` // KEKs that did not answer
	Removed   []string      `json:"removed"` // KEKs that have no stanza any more, and whose shares stay good
}

func rewrappedGroups(reports []keyring.GroupRewrap) []rewrappedGroup {
	groups := []rewrappedGroup{}
	for _, g := range reports {
		groups = append(groups, rewrappedGroup{
			Name: g.Name, Threshold: g.Threshold, Shares: g.Shares, Split: g.Split,
			Missing: append([]string{}, g.Missing...), Removed: append([]string{}, g.Removed...),
		})
	}
	return groups
}

// String says what became of the group in a line.
func (g rewrappedGroup) String() string {
	missing := strings.Join(g.Missing, ", ")
	switch {
	case g.Split == keyring.SplitKept && len(g.Removed) > 0:
		return fmt.Sprintf("%s keeps its old split: %s did not answer; until it is split again, the old shares of %s count as one of %d",
			g.Name, missing, strings.Join(g.Removed, ", "), g.Threshold)
	case g.Split == keyring.SplitKept:
		return fmt.Sprintf("%s keeps its old split: %s did not answer", g.Name, missing)
	case g.Split == keyring.SplitNone:
		return fmt.Sprintf("%s opens nothing yet: %s did not answer, and %d of its KEKs must", g.Name, missing, g.Threshold)
	case missing != "":
		return fmt.Sprintf("%s is split anew, %d of %d needed: %s did not answer", g.Name, g.Threshold, g.Shares, missing)
	}
	return fmt.Sprintf("%s is split anew, %d of %d needed", g.Name, g.Threshold, g.Shares)
}
