package doctor

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// checkNames finds the names of checks in this package's sources.
var checkNames = regexp.MustCompile(`(?:Check: |check = |\.(?:ok|fail)\()"([a-z-]+)"`)

// TestDocumentedChecks wants every check in docs/operations.md: their names are API.
func TestDocumentedChecks(t *testing.T) {
	manual, err := os.ReadFile("../../../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(manual), "\n## Is everything well?\n")
	section, _, _ = strings.Cut(section, "\n## ")
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range checkNames.FindAllStringSubmatch(string(source), -1) {
			if found++; !strings.Contains(section, "`"+m[1]+"`") {
				t.Errorf("%s: the check %q is not documented", name, m[1])
			}
		}
	}
	if found < 30 {
		t.Errorf("found %d names of checks, and there are more", found)
	}
}
