package config

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sealwax/sealwax/wrappers"
)

// What differs in a Nomad agent config:
//   - it is HCL 1, or JSON, and only region and the keyring blocks are looked at;
//   - active defaults to false;
//   - blocks of the same provider and name are one: later ones replace single attributes of earlier ones, and active
//     always (a later block without it makes the KEK inactive);
//   - the order of the blocks means nothing;
//   - an aead block without settings, which is all that Nomad knows, has no key to offer to anybody else.

// A nomad is what Nomad agent configs give: a region, which may be none, and KEKs sorted by ID.
type nomad struct {
	region region
	keks   []KEK
}

// readNomad reads the files in their order.
func readNomad(files []string, p *problems) nomad {
	var m merged
	for _, file := range files {
		src, err := readFile(file)
		if err != nil {
			p.read(file, err)
			m.add(document{}, region{unread: true})
			continue
		}
		m.add(parseNomad(file, src, p))
	}
	return m.decode(p)
}

// merged is what was read so far.
type merged struct {
	region region
	blocks []block
}

// add merges the next file in.
func (m *merged) add(doc document, where region) {
	if where.name != "" || where.unread {
		m.region = where
	}
	for _, b := range doc.blocks {
		m.block(b)
	}
}

// block merges next into the block of the same provider and name, or appends it.
func (m *merged) block(next block) {
	for i, b := range m.blocks {
		if slices.Equal(b.labels, next.labels) && b.name() == next.name() {
			m.blocks[i] = override(b, next)
			return
		}
	}
	m.blocks = append(m.blocks, next)
}

// decode reads the blocks.
func (m *merged) decode(p *problems) nomad {
	n := nomad{region: m.region}
	for _, b := range m.blocks {
		k := decodeKEK(b, false, p)
		if k.Provider == "aead" && len(k.Settings) == 0 {
			p.at(k.File, k.Line, "%s: names no key: Nomad stores the key of such a block in clear beside what it wraps; "+
				"add key_file = \"/path/of/kek.key\" (or credential, or key_env) to the block, which Nomad ignores, or leave the block out", b.title())
		}
		n.keks = append(n.keks, k)
	}
	slices.SortFunc(n.keks, func(a, b KEK) int { return cmp.Compare(a.ID(), b.ID()) })
	return n
}

// name returns the value of the name attribute, nil if there is none.
func (b *block) name() any {
	for _, a := range b.attrs {
		if a.Name == "name" {
			return a.Value
		}
	}
	return nil
}

// override returns next with the attributes of prev that it does not have itself, active excepted.
func override(prev, next block) block {
	kept := slices.DeleteFunc(slices.Clone(prev.attrs), func(a wrappers.Setting) bool {
		return a.Name == "active" || slices.ContainsFunc(next.attrs, func(n wrappers.Setting) bool {
			return n.Name == a.Name
		})
	})
	next.attrs = append(kept, next.attrs...)
	return next
}

// nomadName returns name in the spelling that this package looks for: Nomad takes the names it knows in any case.
func nomadName(name string) string {
	for _, known := range []string{"region", "keyring", "name", "active"} {
		if strings.EqualFold(name, known) {
			return known
		}
	}
	return name
}
