package keystore

import (
	"bytes"
	"fmt"
	"strings"
)

// A violation is content that no writer writes: each value is well-formed, but they do not go together.
type violation struct {
	line int
	what string
}

// checkRules returns the first rule that c breaks, nil if none. The values of c are each within their grammar.
func checkRules(c *Contents) *violation {
	header := []func(*Contents) string{checkHistory, checkHandover, checkGroups, checkStanzas, checkShares, checkThresholds, checkOwed}
	for _, check := range header {
		if what := check(c); what != "" {
			return &violation{1, what}
		}
	}
	return checkKeys(c)
}

// checkHistory: in epoch 1 every generation has all digests that there can be. A later epoch begins at any generation,
// with the digest of what was restored and those that came with it.
func checkHistory(c *Contents) string {
	full := int(min(c.Generation-1, MaxHistory))
	if c.Epoch == 1 && len(c.History) != full {
		return fmt.Sprintf("history: %d digests in generation %d of epoch 1, want %d", len(c.History), c.Generation, full)
	}
	if c.Epoch > 1 && full == 0 {
		return fmt.Sprintf("generation 1 in epoch %d, which began with what was restored", c.Epoch)
	}
	if c.Epoch > 1 && (len(c.History) < 1 || len(c.History) > full) {
		return fmt.Sprintf("history: %d digests in generation %d of epoch %d, want 1 to %d", len(c.History), c.Generation, c.Epoch, full)
	}
	return ""
}

func checkHandover(c *Contents) string {
	if c.Handover != nil && bytes.Equal(c.Handover.Previous, c.Identity.Public) {
		return "handover: from the identity to itself"
	}
	return ""
}

// checkGroups: the rules for groups alone. Splits are unique so that a share can be of one group only.
func checkGroups(c *Contents) string {
	names, splits := map[string]bool{}, map[ID]bool{}
	for _, g := range c.Groups {
		if names[g.Name] {
			return fmt.Sprintf("group %s: there are two", g.Name)
		}
		if g.Threshold == 1 && !g.Split.IsZero() {
			return fmt.Sprintf("group %s: a split, though one stanza is enough", g.Name)
		}
		if g.Threshold > 1 && (g.Split.IsZero() || splits[g.Split]) {
			return fmt.Sprintf("group %s: no split of its own, though its threshold is %d", g.Name, g.Threshold)
		}
		names[g.Name], splits[g.Split] = true, true
	}
	return ""
}

func checkStanzas(c *Contents) string {
	seen := map[string]bool{}
	for _, s := range c.Stanzas {
		g := findGroup(c, s.Group)
		switch {
		case seen[s.KEK]:
			return fmt.Sprintf("stanza %s: there are two", s.KEK)
		case !isOf(s.KEK, s.Provider):
			return fmt.Sprintf("stanza %s: its provider is %s", s.KEK, s.Provider)
		case g == nil:
			return fmt.Sprintf("stanza %s: there is no group %s", s.KEK, s.Group)
		case s.Split != g.Split:
			return fmt.Sprintf("stanza %s: not of the split of its group %s", s.KEK, s.Group)
		case s.Share == 0 && g.Threshold > 1:
			return fmt.Sprintf("stanza %s: the root itself, though the threshold of group %s is %d", s.KEK, s.Group, g.Threshold)
		case s.Share > 0 && g.Threshold == 1:
			return fmt.Sprintf("stanza %s: a share, though the threshold of group %s is 1", s.KEK, s.Group)
		}
		seen[s.KEK] = true
	}
	return ""
}

func checkShares(c *Contents) string {
	type share struct {
		group  string
		number int
	}
	seen := map[share]bool{}
	for _, s := range c.Stanzas {
		this := share{s.Group, s.Share}
		if s.Share > 0 && seen[this] {
			return fmt.Sprintf("stanza %s: there are two shares %d in group %s", s.KEK, s.Share, s.Group)
		}
		seen[this] = true
	}
	return ""
}

// checkThresholds: some group can open the root. Others may wait for KEKs that are owed a stanza.
func checkThresholds(c *Contents) string {
	for _, g := range c.Groups {
		n := 0
		for _, s := range c.Stanzas {
			if s.Group == g.Name {
				n++
			}
		}
		if n >= g.Threshold {
			return ""
		}
	}
	return "groups: none has as many stanzas as its threshold"
}

// checkOwed: a KEK may be owed a stanza and have one, which wraps the root under the key that the KEK had before.
func checkOwed(c *Contents) string {
	seen := map[string]bool{}
	for _, o := range c.Owed {
		switch {
		case seen[o.KEK]:
			return fmt.Sprintf("owed %s: there are two", o.KEK)
		case !isOf(o.KEK, o.Provider):
			return fmt.Sprintf("owed %s: its provider is %s", o.KEK, o.Provider)
		case findGroup(c, o.Group) == nil:
			return fmt.Sprintf("owed %s: there is no group %s", o.KEK, o.Group)
		case o.Since.After(c.Written):
			return fmt.Sprintf("owed %s: since a time after the file was written", o.KEK)
		}
		seen[o.KEK] = true
	}
	return ""
}

func isOf(kek, provider string) bool {
	before, _, _ := strings.Cut(kek, ".")
	return before == provider
}

func findGroup(c *Contents, name string) *Group {
	for i := range c.Groups {
		if c.Groups[i].Name == name {
			return &c.Groups[i]
		}
	}
	return nil
}
