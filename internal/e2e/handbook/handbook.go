// Package handbook takes commands out of docs/operations.md, so that tests run what operators are told to run.
package handbook

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// Shell returns the n blocks of shell code of the section with this heading: "Unwrap a Transit stanza by hand".
func Shell(t testing.TB, heading string, n int) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository(t), "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("docs/operations.md has no section %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var blocks []string
	for _, m := range shellBlock.FindAllStringSubmatch(section, -1) {
		blocks = append(blocks, m[1])
	}
	if len(blocks) != n {
		t.Fatalf("docs/operations.md, %q: %d blocks, want %d", heading, len(blocks), n)
	}
	return blocks
}

// repository returns the root of the repository: above this module, in whose folders tests run.
func repository(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for !exists(filepath.Join(dir, "docs", "operations.md")) {
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("not in the repository")
		}
		dir = parent
	}
	return dir
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
