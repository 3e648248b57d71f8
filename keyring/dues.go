package keyring

import (
	"slices"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// due returns whom the ring can pay of those that c owes a stanza, but for those who refused.
func (r *Ring) due(c *keystore.Contents, refused refusals) ([]*team, error) {
	teams, err := dues(c, r.currentKEKs(), r.opts.Groups)
	return refused.without(teams), err
}

// dues returns those that a ring with keks can pay: the KEKs that c owes a stanza, and of a group whose members wrap shares
// all, since the root has to be split anew. A ring that would have to ask a person leaves that to Rewrap; and so it does where
// the config has other groups, or others in them, than the keystore.
func dues(c *keystore.Contents, keks []*wrappers.KEK, groups map[string]int) ([]*team, error) {
	if !slices.ContainsFunc(keks, func(k *wrappers.KEK) bool { return k.Active() && isOwed(c, k) }) {
		return nil, nil
	}
	teams, err := teamsOf(keks, groups)
	if err != nil {
		return nil, err
	}
	var due []*team
	for _, t := range teams {
		owed := slices.DeleteFunc(slices.Clone(t.keks), func(k *wrappers.KEK) bool { return !t.owes(c, k) })
		if t.Threshold == 1 {
			t.keks = withoutPeople(owed)
		}
		if len(owed) > 0 && len(t.keks) > 0 && t.isLike(c) && (t.Threshold == 1 || t.isAllOf(c)) {
			due = append(due, t)
		}
	}
	return due, nil
}

func withoutPeople(keks []*wrappers.KEK) []*wrappers.KEK {
	return slices.DeleteFunc(slices.Clone(keks), (*wrappers.KEK).WaitsForPerson)
}

// owes reports whether c owes k its stanza in the team's group.
func (t *team) owes(c *keystore.Contents, k *wrappers.KEK) bool {
	return isOwed(c, k) && slices.ContainsFunc(c.Owed, func(o keystore.Owed) bool { return o.KEK == k.ID() && o.Group == t.Name })
}

// isLike reports whether the team's group is in c as it is in the config.
func (t *team) isLike(c *keystore.Contents) bool {
	return slices.ContainsFunc(c.Groups, func(g keystore.Group) bool { return g.Name == t.Name && g.Threshold == t.Threshold })
}

// isAllOf reports whether the team's members are those that its group in c has or shall have, no more and no fewer, and none
// of them a person. A KEK that the config has moved into the group, and which still opens alone, would lose its stanza.
func (t *team) isAllOf(c *keystore.Contents) bool {
	members := make(map[string]bool)
	for _, s := range c.Stanzas {
		if s.Group == t.Name {
			members[s.KEK] = true
		}
	}
	for _, o := range c.Owed {
		if o.Group == t.Name {
			members[o.KEK] = true
		}
	}
	strange := slices.ContainsFunc(t.keks, func(k *wrappers.KEK) bool { return !members[k.ID()] || k.WaitsForPerson() })
	return !strange && len(members) == len(t.keks)
}
