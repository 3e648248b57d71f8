package archtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestDependencies compares the modules that each public package, and the command, links with testdata/deps.txt. A new
// line there is a decision: its reason belongs into docs/design.md.
func TestDependencies(t *testing.T) {
	g := list(t, linux)
	var text strings.Builder
	for _, path := range slices.Sorted(maps.Keys(g)) {
		if p := g[path]; !p.public() && short(path) != "cmd/keyring" {
			continue
		}
		modules := g.modules(path)
		if len(modules) == 0 {
			fmt.Fprintf(&text, "pkg %s, the standard library only\n", short(path))
		}
		for _, m := range modules {
			fmt.Fprintf(&text, "pkg %s, %s\n", short(path), m)
		}
	}
	golden(t, "deps.txt", text.String(), "the modules that a package links have changed")
}

// modules returns the modules, ours excepted, that a program that imports the package links.
func (g graph) modules(path string) []string {
	found := make(map[string]bool)
	for linked := range g.links(path) {
		if m := g[linked].Module; m != nil && !m.Main {
			found[m.Path] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}
