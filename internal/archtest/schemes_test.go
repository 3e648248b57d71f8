package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSchemesAreDocumented wants every scheme of a provider in docs/format.md: a file may have it for ever.
func TestSchemesAreDocumented(t *testing.T) {
	document, err := os.ReadFile("../../docs/format.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../wrappers/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	constant := regexp.MustCompile(`(?m)^\s*(?:const )?scheme\s+= "([^"]+)"`)
	providers := make(map[string]bool)
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range constant.FindAllSubmatch(source, -1) {
			providers[filepath.Dir(file)] = true
			if scheme := string(found[1]); !strings.Contains(string(document), "| `"+scheme+"` |") {
				t.Errorf("%s: scheme %s is in no row of docs/format.md", file, scheme)
			}
		}
	}
	if len(providers) < 7 {
		t.Errorf("schemes of %d providers found, want at least 7", len(providers))
	}
}
