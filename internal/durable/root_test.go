package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func openRoot(t *testing.T, dir string) Root {
	t.Helper()
	r, err := OpenRoot(dir)
	mustDo(t, err)
	t.Cleanup(func() { r.Close() })
	return r
}

func TestRootReplaces(t *testing.T) {
	dir := t.TempDir()
	mustDo(t, os.Mkdir(filepath.Join(dir, "sub"), 0o755), os.WriteFile(filepath.Join(dir, "sub/f"), []byte("one"), 0o640))
	sub, err := openRoot(t, dir).Sub("sub")
	mustDo(t, err)
	defer sub.Close()
	info, err := sub.Lstat("f")
	mustDo(t, err, Replace(sub, "f", []byte("two"), info.Attr()))
	wantFile(t, filepath.Join(dir, "sub/f"), "two", 0o640)
	wantNames(t, filepath.Join(dir, "sub"), "f")
}

func TestRootLeadsNowhereElse(t *testing.T) {
	dir := t.TempDir()
	mustDo(t, os.Mkdir(filepath.Join(dir, "root"), 0o755), os.WriteFile(filepath.Join(dir, "f"), []byte("theirs"), 0o600),
		os.Symlink("../f", filepath.Join(dir, "root/link")))
	r := openRoot(t, filepath.Join(dir, "root"))
	if _, err := r.Open("link"); !errors.Is(err, ErrLink) || err.Error() != "link is a symbolic link" {
		t.Errorf("Open of a link = %v, want ErrLink", err)
	}
	for _, name := range []string{"../f", filepath.Join(dir, "f")} {
		if _, err := r.Open(name); err == nil {
			t.Errorf("Open(%q) left the directory", name)
		}
		if _, err := r.Create(name+"2", 0o600); err == nil {
			t.Errorf("Create(%q) left the directory", name+"2")
		}
	}
}

func TestExchange(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	mustDo(t, os.WriteFile(a, []byte("one"), 0o600), os.WriteFile(b, []byte("two"), 0o640))
	r := openRoot(t, dir)
	err := r.Exchange("a", "b")
	if errors.Is(err, ErrNoExchange) {
		t.Skip(err)
	}
	mustDo(t, err)
	wantFile(t, a, "two", 0o640)
	wantFile(t, b, "one", 0o600)
	if err := r.Exchange("a", "c"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Exchange with a name that is not there = %v, want fs.ErrNotExist", err)
	}
	wantNames(t, dir, "a", "b")
}

func TestTempOf(t *testing.T) {
	for _, c := range []struct {
		name, of string
		ok       bool
	}{
		{tempName("f"), "f", true},
		{tempName(tempName("f")), "", true},
		{"f", "", false},
		{"f.tmp-ABC", "", false},
		{"f.tmp-abcdefghijklmnopqrstuvwxyz", "", false},
	} {
		of, ok := TempOf(c.name)
		if ok != c.ok || c.of != "" && of != c.of {
			t.Errorf("TempOf(%q) = %q, %v, want %q, %v", c.name, of, ok, c.of, c.ok)
		}
	}
}
