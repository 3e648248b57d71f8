package state

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/sealwax/sealwax/keystore"
)

func id(t testing.TB, s string) keystore.ID {
	t.Helper()
	id, err := keystore.ParseID(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// seenAt returns what was seen of one keystore at some point.
func seenAt(t testing.TB, epoch, generation uint64) keystore.Seen {
	return keystore.Seen{
		ID:       id(t, "0197a4d2-7c1e-7bb0-9d5c-3f6f7f0e5a11"),
		Identity: ed25519.PublicKey("0123456789abcdefghijklmnopqrstuv"),
		Epoch:    epoch, Generation: generation,
		Digest: keystore.DigestOf([]byte{byte(epoch), byte(generation)}),
	}
}

func open(t testing.TB, dir string) *File {
	t.Helper()
	f, err := Open(dir, "/srv/keystore.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func wantLoad(t *testing.T, f *File, want keystore.Seen) {
	t.Helper()
	got, err := f.Load()
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestOpenNamesByAbsolutePath(t *testing.T) {
	f := open(t, "/state")
	if want := "/state/35edf9551415fd19dbb306ca3a1ed83f.seen"; f.Path() != want {
		t.Errorf("got %s, want %s", f.Path(), want)
	}
	t.Chdir("/")
	relative, err := Open("/state", "srv/./keystore.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if relative.Path() != f.Path() {
		t.Errorf("relative: got %s, want %s", relative.Path(), f.Path())
	}
	other, err := Open("/state", "/srv/other.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if other.Path() == f.Path() {
		t.Errorf("two keystores share %s", f.Path())
	}
}

func TestSaveAndLoad(t *testing.T) {
	ctx := t.Context()
	f := open(t, filepath.Join(t.TempDir(), "made", "by", "Save"))
	wantLoad(t, f, keystore.Seen{})

	for _, seen := range []keystore.Seen{seenAt(t, 1, 1), seenAt(t, 1, 1), seenAt(t, 1, 7), seenAt(t, 2, 3)} {
		if err := f.Save(ctx, seen); err != nil {
			t.Fatal(err)
		}
		wantLoad(t, f, seen)
	}
	info, err := os.Stat(f.Path())
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("mode: got %v, want -rw-------", info.Mode())
	}
}

func TestSaveWritesOnlyNews(t *testing.T) {
	f := open(t, t.TempDir())
	before := saveAndStat(t, f, seenAt(t, 1, 1))
	if again := saveAndStat(t, f, seenAt(t, 1, 1)); !os.SameFile(before, again) {
		t.Error("the same was written again")
	}
	if next := saveAndStat(t, f, seenAt(t, 1, 2)); os.SameFile(before, next) {
		t.Error("the next generation was written in place")
	}
}

func saveAndStat(t *testing.T, f *File, seen keystore.Seen) fs.FileInfo {
	t.Helper()
	if err := f.Save(t.Context(), seen); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(f.Path())
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestSaveNeverGoesBack(t *testing.T) {
	last := seenAt(t, 2, 5)
	foreign, forked := seenAt(t, 3, 9), seenAt(t, 2, 5)
	foreign.ID = id(t, "0197a4d2-7c1e-7bb0-9d5c-3f6f7f0e5a12")
	forked.Digest[0] ^= 1
	cases := []struct {
		name string
		next keystore.Seen
		want string
	}{
		{"older generation", seenAt(t, 2, 4), ""}, // another command was faster
		{"older epoch", seenAt(t, 1, 9), ""},
		{"another keystore", foreign, "remembers keystore " + last.ID.String() + ", this is " + foreign.ID.String()},
		{"fork", forked, "remembers another generation 5, with digest " + last.Digest.String() + "; this one has " + forked.Digest.String()},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := open(t, t.TempDir())
			if err := f.Save(t.Context(), last); err != nil {
				t.Fatal(err)
			}
			err := f.Save(t.Context(), c.next)
			if want := "state: " + f.Path() + " " + c.want; c.want == "" && err != nil || c.want != "" && (err == nil || err.Error() != want) {
				t.Errorf("got  %v\nwant %v", err, want)
			}
			wantLoad(t, f, last)

			if err := f.Accept(t.Context(), c.next); err != nil {
				t.Fatal(err)
			}
			wantLoad(t, f, c.next)
		})
	}
}

func TestSaveRefusesTheIncomplete(t *testing.T) {
	f := open(t, t.TempDir())
	for name, forget := range map[string]func(*keystore.Seen){
		"ID":         func(s *keystore.Seen) { s.ID = keystore.ID{} },
		"identity":   func(s *keystore.Seen) { s.Identity = nil },
		"epoch":      func(s *keystore.Seen) { s.Epoch = 0 },
		"generation": func(s *keystore.Seen) { s.Generation = 0 },
		"digest":     func(s *keystore.Seen) { s.Digest = keystore.Digest{} },
	} {
		t.Run(name, func(t *testing.T) {
			seen := seenAt(t, 1, 1)
			forget(&seen)
			err := f.Accept(t.Context(), seen)
			if err == nil || !strings.HasPrefix(err.Error(), "state: incomplete: generation ") {
				t.Errorf("got %v, want that it is incomplete", err)
			}
		})
	}
	wantLoad(t, f, keystore.Seen{})
}

// TestNewestWins lets commands end at the same time: whatever their order, the newest is remembered.
func TestNewestWins(t *testing.T) {
	dir := t.TempDir()
	var done sync.WaitGroup
	for generation := uint64(1); generation <= 8; generation++ {
		f := open(t, dir)
		done.Go(func() { _ = f.Save(t.Context(), seenAt(t, 1, generation)) }) // the older ones may be refused
	}
	done.Wait()
	wantLoad(t, open(t, dir), seenAt(t, 1, 8))
}

func TestDamaged(t *testing.T) {
	good := string(format(seenAt(t, 1, 42)))
	cases := []struct{ name, text, want string }{
		{"empty", "", "damaged: line 1 is not sealwax-seen/1"},
		{"another file", "{}\n", "damaged: line 1 is not sealwax-seen/1"},
		{"another version", strings.Replace(good, "/1", "/2", 1), `written by another version of this program: "sealwax-seen/2"`},
		{"cut off", good[:len(good)-1], "damaged"},
		{"a line missing", strings.Replace(good, "epoch 1\n", "", 1), "damaged"},
		{"a line more", good + "\n", "damaged"},
		{"another spelling", strings.Replace(good, "epoch 1", "epoch 01", 1), "damaged"},
		{"zero", strings.Replace(good, "generation 42", "generation 0", 1), "damaged"},
		{"a short digest", good[:len(good)-3] + "\n", "damaged"},
		{"very long", good + strings.Repeat("x", 1<<20), "damaged"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := open(t, filepath.Join(t.TempDir(), "my state"))
			if err := errors.Join(os.Mkdir(filepath.Dir(f.Path()), 0o700), os.WriteFile(f.Path(), []byte(c.text), 0o600)); err != nil {
				t.Fatal(err)
			}
			want := "state: " + f.Path() + ": " + c.want + "; it remembers which generation of /srv/keystore.jsonl was last seen, " +
				"so that an older one is noticed; make sure that the keystore is the newest, then forget what was seen: rm '" + f.Path() + "'"
			if _, err := f.Load(); err == nil || err.Error() != want {
				t.Errorf("Load:\ngot  %v\nwant %s", err, want)
			}
			if err := f.Save(t.Context(), seenAt(t, 9, 9)); err == nil || err.Error() != want {
				t.Errorf("Save:\ngot  %v\nwant %s", err, want)
			}
		})
	}
}

func TestFolderThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := open(t, filepath.Join(file, "state"))
	if err := f.Save(t.Context(), seenAt(t, 1, 1)); err == nil || err.Error() != "state: mkdir "+file+": not a directory" {
		t.Errorf("got %v, want state: mkdir %s: not a directory", err, file)
	}
	if _, err := f.Load(); err == nil || !strings.HasPrefix(err.Error(), "state: open ") {
		t.Errorf("got %v, want state: open …", err)
	}
}

func TestSaveGivesUpWaiting(t *testing.T) {
	f := open(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Save(ctx, seenAt(t, 1, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// FuzzParse wants every accepted file to be exactly what format writes.
func FuzzParse(f *testing.F) {
	good := format(seenAt(f, 1, 42))
	f.Add(good)
	f.Add(good[:100])
	f.Add([]byte("sealwax-seen/2\n"))
	f.Add([]byte(strings.ReplaceAll(string(good), "\n", "\r\n")))
	f.Fuzz(func(t *testing.T, data []byte) {
		seen, err := parse(data)
		if err == nil && string(format(seen)) != string(data) {
			t.Errorf("accepted %q, which is written %q", data, format(seen))
		}
	})
}
