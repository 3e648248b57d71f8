//go:build !windows

package source

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/internal/filelock"
)

// TestDirSkipsNothingSilently has one of each kind that is no message, among messages.
func TestDirSkipsNothingSilently(t *testing.T) {
	root := t.TempDir()
	at := func(name string) string { return filepath.Join(root, name) }
	for _, name := range []string{"ns/a", "ns/.hidden", "ns/a~", "ns/deep/er/z", "top", "ns/100%", "ns/\xff", "ns/ctrl\x1b[2J"} {
		put(t, at(name), message)
	}
	put(t, at("ns/empty"), "")
	put(t, at("ns/large"), "\x01"+strings.Repeat("x", 200))
	put(t, at("ns/text"), "hello\n")
	put(t, at("why"), "hello\n")
	put(t, at("ns/lines"), "aGVs\nbG8=\n")
	put(t, at("ns/db.tmp-"+strings.Repeat("A", 26)), message)
	put(t, at(lockName), "")
	put(t, at("ns/private"), message)
	if err := errors.Join(os.Symlink("a", at("ns/link")), os.Symlink("deep", at("ns/linkdir")), mkfifo(at("ns/pipe")), os.Chmod(at("ns/private"), 0)); err != nil {
		t.Fatal(err)
	}
	want := []struct{ where, err string }{
		{"ns/.hidden", ""},
		{"ns/100%", ""},
		{"ns/a", ""},
		{"ns/a~", ""},
		{`"ns/ctrl\x1b[2J"`, ""},
		{"ns/deep/er/z", ""},
		{"ns/empty", "not a sealed message: empty"},
		{"ns/large", "has more than the 138 bytes that a message may have"},
		{"ns/lines", "not a sealed message: neither binary nor one line of base64"},
		{"ns/link", "is a symbolic link, which is not followed"},
		{"ns/linkdir", "is a symbolic link, which is not followed"},
		{"ns/pipe", "not a sealed message: it is not a regular file"},
		{"ns/private", "permission denied"},
		{"ns/text", "not a sealed message: neither binary nor one line of base64"},
		{`"ns/\xff"`, "its name is not UTF-8, and nothing is sealed for such a path"},
		{"top", "is in no folder of a namespace: a message is at ROOT/NAMESPACE/PATH"},
		{"why", "not a sealed message: neither binary nor one line of base64"},
	}
	if os.Geteuid() == 0 {
		want[12].err = "" // root reads everything
	}
	s := Dir(root, "r", &Options{MaxMessage: 100})
	all := mustRecords(t, s)
	for i, r := range all {
		text := ""
		if r.Err != nil {
			text = r.Err.Error()
		}
		if i >= len(want) || r.Where != want[i].where || text != want[i].err {
			t.Errorf("record %d: %s: %q", i, r.Where, text)
		}
		rest, err := records(t, s, r.Cursor)
		if err != nil || len(rest) != len(all)-i-1 {
			t.Errorf("behind %q: %d records, %v", r.Cursor, len(rest), err)
		}
	}
	if len(all) != len(want) {
		t.Errorf("%d records, want %d", len(all), len(want))
	}
	if n, err := s.Size(t.Context()); err != nil || n != int64(len(want)) {
		t.Errorf("Size = %d, %v", n, err)
	}
}

// TestDirReadsOnPastAFolder walks what can be read, and ends with an error about the rest.
func TestDirReadsOnPastAFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads every folder")
	}
	root := t.TempDir()
	for _, name := range []string{"a/1", "b/1", "c/1"} {
		put(t, filepath.Join(root, name), message)
	}
	os.Chmod(filepath.Join(root, "b"), 0)
	t.Cleanup(func() { os.Chmod(filepath.Join(root, "b"), 0o755) })
	all, err := records(t, Dir(root, "r", nil), "")
	if len(all) != 2 || err == nil || err.Error() != "folder b: permission denied" {
		t.Errorf("%d records, %v", len(all), err)
	}
}

// TestWalkNamesFewFolders: an error of ten thousand lines helps nobody.
func TestWalkNamesFewFolders(t *testing.T) {
	w := &walk{}
	for range 15 {
		w.skip("ns/x", os.ErrPermission)
	}
	w.skip("ns/gone", os.ErrNotExist)
	if len(w.unread) != maxUnread || w.more != 5 {
		t.Errorf("%d folders and %d more", len(w.unread), w.more)
	}
	if err := w.skip("", os.ErrPermission); err == nil || err.Error() != "the root: permission denied" {
		t.Errorf("of the root: %v", err)
	}
}

func TestDirWithoutRoot(t *testing.T) {
	root := filepath.Join(t.TempDir(), "nowhere")
	s := Dir(root, "r", nil)
	if all, err := records(t, s, ""); len(all) != 0 || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%d records, %v", len(all), err)
	}
	if _, err := s.Size(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Size: %v", err)
	}
	if err := s.Replace(t.Context(), Record{Cursor: "ns/a", Where: "ns/a"}, nil); !errors.Is(err, os.ErrNotExist) || !errors.Is(err, ErrUnwritable) {
		t.Errorf("Replace: %v", err)
	}
	for _, cursor := range []string{"ns/%", "ns/%zz"} {
		if _, err := records(t, s, cursor); err == nil || !strings.Contains(err.Error(), "it is not of this source") {
			t.Errorf("cursor %q: %v", cursor, err)
		}
		if err := s.Replace(t.Context(), Record{Cursor: cursor}, nil); err == nil || !strings.Contains(err.Error(), "it is not of this source") {
			t.Errorf("Replace at %q: %v", cursor, err)
		}
	}
}

// TestDirNeverLeavesItsRoot replaces by cursors, and through links, that lead out.
func TestDirNeverLeavesItsRoot(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "out/f"), message)
	put(t, filepath.Join(dir, "root/ns/f"), message)
	os.Symlink(filepath.Join(dir, "out"), filepath.Join(dir, "root/link"))
	s := Dir(filepath.Join(dir, "root"), "r", nil)
	defer s.Close()
	for _, cursor := range []string{"../out/f", "link/f", "ns/../../out/f", filepath.Join(dir, "out/f")} {
		if err := s.Replace(t.Context(), Record{Cursor: cursor, Sealed: []byte(message)}, []byte("\x01")); err == nil {
			t.Errorf("%s was replaced", cursor)
		}
	}
	if got := get(t, filepath.Join(dir, "out/f")); got != message {
		t.Errorf("it is %q now", got)
	}
}

// TestDirKeepsSpelling replaces messages in each encoding, and keeps it, and the mode.
func TestDirKeepsSpelling(t *testing.T) {
	for _, c := range []struct{ content, want string }{
		{"\x01abc", "\x01xyz"},
		{"AWFiYw==\n", "AXh5eg==\n"},
		{"AWFiYw==\r\n", "AXh5eg==\r\n"},
		{"AWFiYw==", "AXh5eg=="},
	} {
		root := t.TempDir()
		path := filepath.Join(root, "ns/a")
		put(t, path, c.content)
		os.Chmod(path, 0o604)
		s := Dir(root, "r", nil)
		r := mustRecords(t, s)[0]
		if err := errors.Join(s.Replace(t.Context(), r, []byte("\x01xyz")), s.Flush(t.Context())); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if got := get(t, path); got != c.want || err != nil || info.Mode().Perm() != 0o604 {
			t.Errorf("%q became %q with mode %v, want %q", c.content, got, info.Mode(), c.want)
		}
	}
}

// TestLongNames replaces what has the longest name that can be, and says no to one that is longer.
func TestLongNames(t *testing.T) {
	root := t.TempDir()
	for _, n := range []int{216, 217} {
		put(t, filepath.Join(root, "ns", strings.Repeat("x", n)), message)
	}
	s := Dir(root, "r", nil)
	defer s.Close()
	for _, r := range mustRecords(t, s) {
		err := s.Replace(t.Context(), r, []byte(after))
		if long := len(r.Cursor) > len("ns/")+216; long != (err != nil) || long && !strings.Contains(err.Error(), "file name too long") {
			t.Errorf("a name of %d bytes: %v", len(r.Cursor)-len("ns/"), err)
		}
	}
	wantNoLeftovers(t, root)
}

// TestDirInManyFolders has more folders than wait to be synced.
func TestDirInManyFolders(t *testing.T) {
	root := t.TempDir()
	for i := range maxDirty + 5 {
		put(t, filepath.Join(root, "ns", strings.Repeat("d", 1+i%40), string(rune('a'+i%26)), "f"+string(rune('0'+i/1040)), time.Duration(i).String()), message)
	}
	s := Dir(root, "r", nil)
	for _, r := range mustRecords(t, s) {
		if err := s.Replace(t.Context(), r, []byte(after)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, r := range mustRecords(t, s) {
		if string(r.Sealed) != after {
			t.Errorf("%s is %q", r.Where, r.Sealed)
		}
	}
}

// TestOnlyOneRekey has another process hold the lock.
func TestOnlyOneRekey(t *testing.T) {
	for _, s := range subjects {
		dir := t.TempDir()
		s.write(t, dir, [2]string{before, before})
		unlock, err := filelock.Lock(t.Context(), filepath.Join(dir, map[string]string{"Dir": lockName, "JSONL": "f.jsonl" + lockName}[s.name]))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		src := s.source(dir, &machine{kill: -1})
		r := mustRecords(t, src)[0]
		if err := src.Replace(ctx, r, []byte(after)); err == nil || !strings.Contains(err.Error(), "which another process holds") {
			t.Errorf("%s: Replace = %v", s.name, err)
		}
		cancel()
		unlock()
		if err := errors.Join(src.Replace(t.Context(), r, []byte(after)), src.Flush(t.Context())); err != nil {
			t.Errorf("%s: once the lock is free: %v", s.name, err)
		}
	}
}

// TestListInChunks lists folders in chunks of any size, and any part of them.
func TestListInChunks(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		root := t.TempDir()
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-c][a-c./-]?[ab]?`), 1, 30, func(s string) string { return s }).Draw(rt, "paths")
		var want []string
		for _, name := range names {
			path := filepath.Join(root, "ns", name)
			if info, err := os.Lstat(path); err == nil && info.IsDir() {
				continue
			}
			if os.MkdirAll(filepath.Dir(path), 0o755) == nil {
				os.WriteFile(path, []byte(message), 0o600)
			}
		}
		whole := Dir(root, "r", nil)
		for _, r := range mustRecords(t, whole) {
			want = append(want, r.Cursor)
		}
		s := Dir(root, "r", nil)
		s.chunk = rapid.IntRange(1, 5).Draw(rt, "chunk")
		at := rapid.IntRange(-1, len(want)-1).Draw(rt, "after")
		after := ""
		if at >= 0 {
			after = want[at]
		}
		var got []string
		all, err := records(t, s, after)
		for _, r := range all {
			got = append(got, r.Cursor)
		}
		if err != nil || !slices.Equal(got, want[at+1:]) {
			rt.Fatalf("behind %q, %d at a time: got %q, %v, want %q", after, s.chunk, got, err, want[at+1:])
		}
	})
}

// TestCursors is about paths of any bytes.
func TestCursors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := place(rapid.SliceOf(rapid.SampledFrom([]byte("a%/\xff\xc3\xa9"))).Draw(t, "path"))
		cursor := p.cursor()
		if back, err := parseCursor(cursor); err != nil || back != p || strings.ToValidUTF8(cursor, "") != cursor {
			t.Fatalf("%q has the cursor %q, which is %q, %v", p, cursor, back, err)
		}
	})
}
