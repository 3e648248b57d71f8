package config

// defaultGroup is what a keystore calls the group of KEKs that each open it alone.
const defaultGroup = "any"

// maxThreshold is the most that a keystore can say.
const maxThreshold = 255

// Group is KEKs of which Threshold open the keystore together, or each alone if that is 1.
type Group struct {
	Name      string
	Threshold int
	File      string
	Line      int
}

// decodeGroup reads a group block.
func decodeGroup(b block, p *problems) Group {
	g := Group{Name: b.ownName("officers", p), File: b.file, Line: b.line}
	if g.Name == defaultGroup {
		p.at(b.file, b.line, "group %q: that is the group of KEKs that name none; give it another name", defaultGroup)
		g.Name = ""
	}
	f := newFields(b, p)
	f.require("threshold")
	g.Threshold = int(f.number("threshold", 1, maxThreshold))
	f.refuseRest()
	return g
}

// checkGroups reports groups that share a name, that nobody is in or too few are, and KEKs of groups that no block declares.
func checkGroups(c *Config, p *problems) {
	sound := p.none() // else what seems to be missing may be there
	declared := make(map[string]*Group)
	for i := range c.Groups {
		g := &c.Groups[i]
		first := declared[g.Name]
		switch {
		case g.Name == "": // its label was refused
		case first != nil:
			p.at(g.File, g.Line, "a second group %q; the first is at %s", g.Name, position(first.File, first.Line))
		default:
			declared[g.Name] = g
			if sound {
				g.checkMembers(c.KEKs, p)
			}
		}
	}
	for _, k := range c.KEKs {
		switch {
		case k.Group == defaultGroup:
			p.at(k.File, k.Line, "keyring %q: %q is the group of KEKs that name none: leave the group out", k.Provider, k.Group)
		case sound && k.Group != "" && declared[k.Group] == nil:
			p.at(k.File, k.Line, "keyring %q: there is no group %q: add a block group %q { threshold = … }, or leave the group out", k.Provider, k.Group, k.Group)
		}
	}
}

// checkMembers counts those that get a share. A group all of whose members are inactive is on its way out.
func (g *Group) checkMembers(keks []KEK, p *problems) {
	members, active := 0, 0
	for _, k := range keks {
		if k.Group == g.Name {
			members++
			if k.Active {
				active++
			}
		}
	}
	switch {
	case members == 0:
		p.at(g.File, g.Line, "group %q: no keyring block is in it: add group = %q to some, or leave it out", g.Name, g.Name)
	case active > 0 && active < g.Threshold:
		p.at(g.File, g.Line, "group %q: threshold is %d, and %d of its KEKs are active: they could never open the keystore", g.Name, g.Threshold, active)
	}
}
