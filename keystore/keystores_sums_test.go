package keystore_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
)

// Old keystores never change, and none goes away: what a release wrote, every later one opens. SHA256SUMS lists all of
// them; who adds one runs, in testdata/keystores, `LC_ALL=C sha256sum v*/* > SHA256SUMS`.
func TestKeystoresNeverChange(t *testing.T) {
	dir := os.DirFS("../testdata/keystores")
	data, err := fs.ReadFile(dir, "SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for line := range strings.Lines(string(data)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok {
			t.Fatalf("SHA256SUMS: line %q is not what sha256sum writes", line)
		}
		listed = append(listed, name)
		file, err := fs.ReadFile(dir, name)
		if got := sha256.Sum256(file); err != nil || hex.EncodeToString(got[:]) != sum {
			t.Errorf("%s has the SHA-256 %x, %v, want %s: a keystore of old never changes", name, got, err, sum)
		}
	}
	if got := filesIn(t, dir); !slices.Equal(got, listed) {
		t.Errorf("SHA256SUMS lists %q, want what is there, in order: %q", listed, got)
	}
}

// filesIn returns the paths of all files below dir but the list itself, in the order of sha256sum v*/*.
func filesIn(t *testing.T, dir fs.FS) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(dir, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && name != "SHA256SUMS" {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
