package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// Source is a place where sealed messages lie.
type Source struct {
	Name     string
	Type     string // "dir" or "jsonl"
	Path     string // absolute, or relative to the working directory
	ReadOnly bool   // counted, and never changed
	File     string
	Line     int
}

// sourceTypes are the values of the type attribute.
var sourceTypes = []string{"dir", "jsonl"}

// decodeSource reads a source block.
func decodeSource(b block, p *problems) Source {
	f := newFields(b, p)
	f.require("type")
	f.require("path")
	s := Source{
		Name: b.ownName("app", p), File: b.file, Line: b.line,
		Type:     f.text("type", checkSourceType),
		Path:     beside(b.file, f.text("path", checkNotEmpty)),
		ReadOnly: f.boolean("read_only", false),
	}
	f.refuseRest()
	return s
}

func checkSourceType(s string) error {
	if !slices.Contains(sourceTypes, s) {
		return fmt.Errorf("%.80q is not one of dir and jsonl", s)
	}
	return nil
}

// checkSources reports sources that share a name. That two have one path is no mistake: it may be a link by now.
func checkSources(c *Config, p *problems) {
	seen := make(map[string]*Source)
	for i := range c.Sources {
		s := &c.Sources[i]
		first := seen[s.Name]
		switch {
		case s.Name == "": // its label was refused
		case first != nil:
			p.at(s.File, s.Line, "a second source %q; the first is at %s", s.Name, position(first.File, first.Line))
		default:
			seen[s.Name] = s
		}
	}
}

func appendSource(file *hclwrite.Body, s *Source) {
	b := file.AppendNewBlock("source", []string{s.Name}).Body()
	setText(b, "type", s.Type)
	setText(b, "path", s.Path)
	if s.ReadOnly {
		b.SetAttributeValue("read_only", cty.True)
	}
}
