package archtest

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// table says what the packages of a line may import of this module: a folder stands for all below it too, unless it
// has a line of its own or is a provider. The first line that fits counts.
var table = []struct {
	packages string // as in path.Match, "internal/..." for a whole tree
	may      []string
}{
	{"aead", nil},
	{"keystore", []string{"internal"}},
	{"keystore/storetest", []string{"keystore", "internal"}},
	{"wrappers", []string{"aead", "internal"}},
	{"wrappers/wrappertest", []string{"wrappers", "aead", "internal"}},
	{"wrappers/*", []string{"wrappers", "aead", "internal"}}, // a provider
	{"keyring", []string{"keystore", "wrappers", "aead", "internal"}},
	{"keyring/*", []string{"keyring", "keystore", "wrappers", "aead", "internal"}},
	{"keyring/source/sourcetest", []string{"keyring/source", "keyring", "keystore", "wrappers", "aead", "internal"}},
	{"internal/...", []string{"internal", "aead", "keystore", "wrappers", "keyring"}}, // but see TestInternalStaysBelow
	{"examples/*", []string{"aead", "keystore", "wrappers", "keyring", providers}},
	{"cmd/...", []string{"aead", "keystore", "wrappers", "keyring", "internal", "cmd", providers}},
}

// providers stands for every provider: a folder in wrappers other than the conformance suite.
const providers = "wrappers/*"

func isProvider(name string) bool {
	return path.Dir(name) == "wrappers" && name != "wrappers/wrappertest"
}

func TestImports(t *testing.T) {
	for _, p := range list(t, linux) {
		name := short(p.ImportPath)
		if name == "" {
			continue
		}
		may, found := allowed(name)
		if !found {
			t.Errorf("%s is in no line of the table in imports_test.go: decide what it may import", name)
		}
		for _, i := range p.Imports {
			if imported := short(i); imported != "" && !slices.ContainsFunc(may, func(m string) bool { return covers(m, imported) }) {
				t.Errorf("%s imports %s; it may import %q", name, imported, may)
			}
		}
	}
}

func allowed(name string) (may []string, found bool) {
	for _, line := range table {
		tree, isTree := strings.CutSuffix(line.packages, "/...")
		match, _ := path.Match(line.packages, name)
		if match || isTree && under(name, tree) {
			return line.may, true
		}
	}
	return nil, false
}

// covers reports whether an entry of the table allows the import of name.
func covers(entry, name string) bool {
	if isProvider(name) {
		return entry == providers
	}
	return under(name, entry)
}

// TestInternalStaysBelow lets a package in internal import a public one only if it is for tests or a program of its own:
// then no other package's program may link it.
func TestInternalStaysBelow(t *testing.T) {
	g := list(t, linux)
	for _, p := range g {
		if name := short(p.ImportPath); name == "" || under(name, "internal") {
			continue
		}
		for _, i := range p.Imports {
			if !under(short(i), "internal") {
				continue
			}
			for below := range g.links(i) {
				if g[below].public() {
					t.Errorf("%s imports %s, which imports %s: internal packages that others build on stand below the public ones",
						short(p.ImportPath), short(i), short(below))
				}
			}
		}
	}
}

// TestAEADNeedsLittle holds the promise of aead: the standard library, golang.org/x/crypto and x/sys below it.
func TestAEADNeedsLittle(t *testing.T) {
	g := list(t, linux)
	for path := range g.links(module + "/aead") {
		p := g[path]
		if !p.Standard && !p.Module.Main && !strings.HasPrefix(path, "golang.org/x/crypto/") && !strings.HasPrefix(path, "golang.org/x/sys/") {
			t.Errorf("aead links %s", path)
		}
	}
}
