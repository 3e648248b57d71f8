package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := WriteFile(path, []byte("one"), 0o640); err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, "one", 0o640)
	if err := os.Chmod(path, 0o604); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, []byte("two"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, "two", 0o604) // it keeps the mode that it has
	wantNames(t, filepath.Dir(path), "f")
}

func TestWriteFileFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	mustDo(t, os.MkdirAll(filepath.Join(dir, "releases/42"), 0o755), os.Mkdir(filepath.Join(dir, "shared"), 0o755))
	// ".." in a link is relative to where the link really is, not to how it was reached.
	mustDo(t, os.Symlink("releases/42", filepath.Join(dir, "current")),
		os.Symlink("../../shared/f", filepath.Join(dir, "releases/42/f")))
	for _, data := range []string{"through a dangling link", "through a link"} {
		if err := WriteFile(filepath.Join(dir, "current/f"), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		wantFile(t, filepath.Join(dir, "shared/f"), data, 0o600)
	}
	if info, err := os.Lstat(filepath.Join(dir, "releases/42/f")); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is now %v, %v", info, err)
	}
	wantNames(t, filepath.Join(dir, "shared"), "f")
}

// As many links as Linux follows itself.
func TestFollowManyLinks(t *testing.T) {
	dir := t.TempDir()
	link := func(n int) string { return filepath.Join(dir, strconv.Itoa(n)) }
	mustDo(t, os.WriteFile(link(0), []byte("one"), 0o600))
	for n := range 41 {
		mustDo(t, os.Symlink(link(n), link(n+1)))
	}
	if chain, err := Follow(OS{}, link(40)); err != nil || len(chain) != 41 || chain[40] != link(0) {
		t.Errorf("Follow 40 links = %q, %v, want all 41 names", chain, err)
	}
	want := link(41) + ": more than 40 symbolic links in a row"
	if chain, err := Follow(OS{}, link(41)); err == nil || err.Error() != want {
		t.Errorf("Follow 41 links = %q, %v, want %s", chain, err, want)
	}
}

func TestWriteFileRefuses(t *testing.T) {
	dir := t.TempDir()
	loop := filepath.Join(dir, "loop")
	mustDo(t, os.Symlink("loop", loop))
	for _, c := range []struct{ path, want string }{
		{dir, dir + " is not a regular file"},
		{filepath.Join(dir, "missing/f"), "no such file or directory"},
		{loop, loop + ": more than 40 symbolic links in a row"},
	} {
		if err := WriteFile(c.path, nil, 0o600); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("WriteFile(%s) = %v, want %q", c.path, err, c.want)
		}
	}
	wantNames(t, dir, "loop")
}

func TestKeepAs(t *testing.T) {
	dir := t.TempDir()
	path, second := filepath.Join(dir, "f"), filepath.Join(dir, "f.prev")
	mustDo(t, os.WriteFile(path, []byte("one"), 0o600))
	for range 2 { // the second time rename has nothing to do
		if err := KeepAs(OS{}, path, second); err != nil {
			t.Fatal(err)
		}
		wantFile(t, second, "one", 0o600)
		wantNames(t, dir, "f", "f.prev")
	}
	if err := WriteFile(path, []byte("two"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantFile(t, second, "one", 0o600)
	if err := KeepAs(OS{}, path, second); err != nil {
		t.Fatal(err)
	}
	wantFile(t, second, "two", 0o600)
	wantNames(t, dir, "f", "f.prev")
}

func TestSweepTakesOnlyItsOwn(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	temp, err := Stage(OS{}, path, []byte("left"), Attr{0o600, Unowned})
	if err != nil {
		t.Fatal(err)
	}
	random := strings.TrimPrefix(temp, path+tempMark)
	others := []string{
		"f", "f.tmp", "f.tmp-", "f.tmp-" + random[1:], "f.tmp-" + random + "A", "f.tmp-" + strings.ToLower(random),
		"f.tmp-" + random[:12] + "-" + random[13:], "f.prev.tmp-" + random, "g.tmp-" + random,
	}
	for _, name := range others {
		mustDo(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	if err := Sweep(OS{}, path); err != nil {
		t.Fatal(err)
	}
	wantNames(t, dir, others...)
}

func TestStampsOfQuickReplacementsDiffer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	var last Info
	for range 20 {
		mustDo(t, WriteFile(path, []byte("x"), 0o600))
		info, err := OS{}.Stat(path)
		if err != nil || !info.Modified.After(last.Modified) {
			t.Fatalf("modified at %v, then %v (%v)", last.Modified, info.Modified, err)
		}
		last = info
	}
}

// planting is a file system in which somebody puts a link in the place of every new file as soon as it is written to.
type planting struct {
	OS
	target string
}

func (p planting) Create(name string, mode fs.FileMode) (File, error) {
	f, err := p.OS.Create(name, mode)
	return plantingFile{f, func() error { return errors.Join(os.Remove(name), os.Symlink(p.target, name)) }}, err
}

type plantingFile struct {
	File
	plant func() error
}

func (p plantingFile) Write(b []byte) (int, error) {
	n, err := p.File.Write(b)
	return n, errors.Join(err, p.plant())
}

func TestStageTouchesNothingButItsFile(t *testing.T) {
	dir := t.TempDir()
	victim := filepath.Join(dir, "victim")
	mustDo(t, os.WriteFile(victim, []byte("theirs"), 0o600), os.Chtimes(victim, time.Unix(1, 0), time.Unix(1, 0)))
	_, err := Stage(planting{target: victim}, filepath.Join(dir, "f"), []byte("data"), Attr{0o640, Unowned})
	mustDo(t, err)
	wantFile(t, victim, "theirs", 0o600)
	if info, err := os.Stat(victim); err != nil || !info.ModTime().Equal(time.Unix(1, 0)) {
		t.Errorf("the file that a link leads to was modified at %v, %v, want %v", info.ModTime(), err, time.Unix(1, 0))
	}
}

// ignoring is a file system that reports success for a change of mode and does nothing, as some network file systems do.
type ignoring struct{ OS }

func (i ignoring) Create(name string, mode fs.FileMode) (File, error) {
	f, err := i.OS.Create(name, mode)
	return ignoringFile{f}, err
}

type ignoringFile struct{ File }

func (ignoringFile) Chmod(fs.FileMode) error { return nil }

func TestIgnoredModeIsNoticed(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	_, err := Stage(ignoring{}, path, nil, Attr{0o640, Owner{os.Geteuid(), os.Getegid()}})
	var attr *AttrError
	if !errors.As(err, &attr) {
		t.Fatalf("Stage = %v, want an AttrError", err)
	}
	want := "and mode 0640 of " + path + ": the file system ignored the change; run the same command as its owner: sudo -u '#"
	if !strings.Contains(err.Error(), want) {
		t.Errorf("Stage = %q, want it to contain %q", err, want)
	}
	wantNames(t, dir)
}

func mustDo(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func wantFile(t *testing.T, path, want string, mode fs.FileMode) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil || string(data) != want {
		t.Errorf("%s holds %q, %v, want %q", path, data, err, want)
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm() != mode {
		t.Errorf("%s has mode %04o, want %04o", path, info.Mode().Perm(), mode)
	}
}

func wantNames(t *testing.T, dir string, want ...string) {
	t.Helper()
	got, err := OS{}.ReadDir(dir)
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%s holds %q, %v, want %q", dir, got, err, want)
	}
}
