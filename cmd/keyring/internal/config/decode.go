package config

import (
	"fmt"
	"time"

	"github.com/sealwax/sealwax/internal/names"
)

// A region is a region's name and where it was read; the zero region is none.
type region struct {
	name   string
	file   string
	line   int
	unread bool // its file could not be understood, so there is no saying that it is missing
}

// decode fills c from the blocks of keyring.hcl and returns its region.
func decode(c *Config, doc document, p *problems) region {
	where := region{file: doc.file, unread: true}
	seen := make(map[string]int)
	for _, b := range doc.blocks {
		switch b.kind {
		case "keyring":
			c.KEKs = append(c.KEKs, decodeKEK(b, true, p))
		case "group":
			c.Groups = append(c.Groups, decodeGroup(b, p))
		case "source":
			c.Sources = append(c.Sources, decodeSource(b, p))
		case "cluster", "keystore", "unwrap", "rotation", "signing":
			if onlyOne(b, seen, p) {
				decodeOnly(c, b, &where, p)
			}
		default:
			p.at(b.file, b.line, "unknown block %q", b.kind)
		}
	}
	for _, kind := range []string{"cluster", "keystore"} {
		if seen[kind] == 0 && !doc.broken {
			p.at(doc.file, 0, "the %s block is missing", kind)
		}
	}
	where.unread = where.unread || doc.broken
	return where
}

// decodeOnly reads a block of a kind that there is one of.
func decodeOnly(c *Config, b block, where *region, p *problems) {
	switch b.kind {
	case "cluster":
		*where = decodeCluster(c, b, p)
	case "keystore":
		c.Keystore = decodeKeystore(b, p)
	case "unwrap":
		c.Unwrap = decodeUnwrap(b, p)
	case "rotation":
		c.Rotation = decodeRotation(b, p)
	case "signing":
		c.Signing = decodeSigning(b, p)
	}
}

// onlyOne reports whether b is the first block of its kind. Such blocks have no label.
func onlyOne(b block, seen map[string]int, p *problems) bool {
	if len(b.labels) > 0 {
		p.at(b.file, b.line, "%s: takes no label, got %q", b.kind, b.labels[0])
	}
	if first := seen[b.kind]; first > 0 {
		p.at(b.file, b.line, "a second %s block; the first is at %s", b.kind, position(b.file, first))
		return false
	}
	seen[b.kind] = b.line
	return true
}

func decodeCluster(c *Config, b block, p *problems) region {
	f := newFields(b, p)
	f.require("id")
	c.Cluster = f.text("id", checkLabel)
	where := region{name: f.text("region", checkLabel), file: b.file, line: b.line}
	if a := f.find("region"); a != nil {
		where.line, where.unread = a.Line, where.name == ""
	}
	f.refuseRest()
	return where
}

// decodeKEK reads a keyring block. What it does not know are the provider's settings.
func decodeKEK(b block, active bool, p *problems) KEK {
	k := KEK{File: b.file, Line: b.line}
	if len(b.labels) != 1 {
		p.at(b.file, b.line, `keyring: wants one label, the provider, as in keyring "aead"; got %d`, len(b.labels))
	} else if err := checkName(names.MaxProvider)(b.labels[0]); err != nil {
		p.at(b.file, b.line, "keyring: provider %v", err)
	} else {
		k.Provider = b.labels[0]
	}
	f := newFields(b, p)
	k.Name = f.text("name", orEmpty(checkName(names.MaxKEK)))
	k.Group = f.text("group", orEmpty(checkName(names.MaxGroup)))
	k.Active = f.boolean("active", active)
	k.Timeout = f.duration("timeout", 100*time.Millisecond, 10*time.Minute)
	k.CallsPerMinute = int(f.number("calls_per_minute", 1, 100_000))
	k.Settings = f.rest()
	return k
}

// ownName returns the one label of a block that has a name of its own, "" if there is something wrong with it.
func (b *block) ownName(example string, p *problems) string {
	if len(b.labels) != 1 {
		p.at(b.file, b.line, `%s: wants one label, its name, as in %s %q; got %d`, b.kind, b.kind, example, len(b.labels))
		return ""
	}
	if err := checkName(names.MaxGroup)(b.labels[0]); err != nil {
		p.at(b.file, b.line, "%s: %v", b.kind, err)
		return ""
	}
	return b.labels[0]
}

// title is how errors name the block: cluster, or keyring "aead".
func (b *block) title() string {
	if len(b.labels) == 0 {
		return b.kind
	}
	return fmt.Sprintf("%s %q", b.kind, b.labels[0])
}

// oneRegion returns the region that keyring.hcl and the Nomad agent configs agree on.
func oneRegion(ours, nomads region, p *problems) string {
	switch {
	case ours.name == "" && nomads.name == "":
		if !ours.unread && !nomads.unread {
			p.at(ours.file, ours.line, "cluster: region is missing (Nomad's own default is \"global\")")
		}
		return ""
	case ours.name != "" && nomads.name != "" && ours.name != nomads.name:
		p.at(ours.file, ours.line, "cluster: region is %q, and %q at %s; they must be one", ours.name, nomads.name,
			position(nomads.file, nomads.line))
	case ours.name == "":
		return nomads.name
	}
	return ours.name
}
