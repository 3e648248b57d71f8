package keyring

import (
	"fmt"
	"maps"
	"slices"

	"github.com/sealwax/sealwax/internal/names"
	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// defaultGroup is the group of the stanzas any one of which opens the keystore.
const defaultGroup = "any"

// maxThreshold is what the number of a share leaves room for.
const maxThreshold = 255

// checkThresholds looks at Options.Groups alone.
func checkThresholds(groups map[string]int) error {
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		switch threshold := groups[name]; {
		case name == defaultGroup:
			return fmt.Errorf("Options.Groups names the group %q, which is that of KEKs without a group", name)
		case !names.IsName(name) || len(name) > names.MaxGroup:
			return fmt.Errorf("Options.Groups: %.80q is not a name: 1 to %d of a-z, 0-9 and -", name, names.MaxGroup)
		case threshold < 1 || threshold > maxThreshold:
			return fmt.Errorf("Options.Groups: group %q has the threshold %d, want 1 to %d", name, threshold, maxThreshold)
		}
	}
	return nil
}

// team is the active KEKs of one group and what each of them is to wrap.
type team struct {
	keystore.Group // with a fresh split
	keks           []*wrappers.KEK
	results        []wrapResult // of each KEK, once they were asked
}

// teamsOf sorts the active KEKs by their groups: the default group first, the others by name. A group none of whose members is
// active is given up.
func teamsOf(keks []*wrappers.KEK, groups map[string]int) ([]*team, error) {
	var teams []*team
	for _, name := range append([]string{""}, slices.Sorted(maps.Keys(groups))...) {
		members := slices.DeleteFunc(slices.Clone(keks), func(k *wrappers.KEK) bool { return k.Group() != name })
		active := activeKEKs(members)
		switch {
		case name != "" && len(members) == 0:
			return nil, fmt.Errorf("no KEK is of the group %q: name it in one, or leave the group out", name)
		case len(active) == 0:
			continue
		case name == "":
			teams = append(teams, &team{Group: keystore.Group{Name: defaultGroup, Threshold: 1}, keks: active})
			continue
		case len(active) < groups[name]:
			return nil, fmt.Errorf("the group %q needs %d of its KEKs, and %d are active", name, groups[name], len(active))
		}
		g := keystore.Group{Name: name, Threshold: groups[name]}
		if g.Threshold > 1 {
			g.Split = keystore.NewID()
		}
		teams = append(teams, &team{Group: g, keks: active})
	}
	return teams, checkRoom(teams)
}

// checkRoom refuses before any KEK is called what no keystore could hold, nor the number of a share.
func checkRoom(teams []*team) error {
	keks := 0
	for _, t := range teams {
		keks += len(t.keks)
	}
	if keks > keystore.MaxStanzas {
		return fmt.Errorf("%d KEKs are active, and a keystore has room for %d", keks, keystore.MaxStanzas)
	}
	if len(teams) > keystore.MaxGroups {
		return fmt.Errorf("%d groups have active KEKs, and a keystore has room for %d groups", len(teams), keystore.MaxGroups)
	}
	return nil
}

// deal returns what each member wraps: the root itself, or its share of it. The caller clears the shares.
func (t *team) deal(raw secret.Bytes) []share {
	if t.Threshold > 1 {
		return splitRoot(raw, len(t.keks), t.Threshold)
	}
	dealt := make([]share, len(t.keks))
	for i := range dealt {
		dealt[i] = share{0, secret.Copy(raw.Expose())}
	}
	return dealt
}
