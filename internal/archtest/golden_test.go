package archtest

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the lists in testdata anew")

// golden compares got, line by line, with a list in the testdata folder of the module.
func golden(t *testing.T, name, got, changed string) {
	t.Helper()
	path := filepath.Join(root, "testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := string(data); got != want {
		t.Errorf("%s, against testdata/%s:\n%s\nif that is meant: go test ./internal/archtest -update; the diff is for the reviewer",
			changed, name, difference(want, got))
	}
}

// difference lists the lines that only one of the texts has, in its order.
func difference(want, got string) string {
	var text strings.Builder
	only := func(mark string, lines, other []string) {
		for _, line := range lines {
			if !slices.Contains(other, line) {
				text.WriteString(mark + line + "\n")
			}
		}
	}
	before, after := strings.Split(want, "\n"), strings.Split(got, "\n")
	only("- ", before, after)
	only("+ ", after, before)
	if text.Len() == 0 {
		return "the same lines, in another order or another number"
	}
	return text.String()
}
