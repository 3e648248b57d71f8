package keystore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sealwax/sealwax/internal/faultfs"
	"github.com/sealwax/sealwax/keystore"
)

// lies picks the calls that a process only pretends to make.
type lies func(faultfs.Op) bool

// writing is a case for faultfs in which one process writes the generation after old. Another reads meanwhile and acts
// on what it read. After the power cut the store holds the old or the new generation, none that is older than what any
// process was given or told, and goes on from there.
type writing struct {
	old            int
	writer, reader lies
	noLinks        bool // on a file system without hard links
}

func (w writing) start() faultfs.Case {
	var written, readErr error
	read := 0
	return faultfs.Case{
		Run: func(p *faultfs.Process) {
			p.Lie(w.writer)
			written = w.store(p).Write(context.Background(), genDigest(w.old), gen(w.old+1))
		},
		Beside: func(p *faultfs.Process) {
			p.Lie(w.reader)
			read, readErr = genOf(w.store(p).Read(context.Background()))
		},
		Check: func(d *faultfs.Disk) error {
			atLeast := max(w.old, read)
			if written == nil {
				atLeast = w.old + 1
			}
			return errors.Join(readErr, checkStore(d, atLeast, w.old+1), checkOutcome(d, w.old, written))
		},
	}
}

func (w writing) store(p *faultfs.Process) *keystore.File {
	if w.noLinks {
		return keystore.NewFileFS("/d/ks", linkless{p})
	}
	return keystore.NewFileFS("/d/ks", p)
}

// linkless is a file system without hard links.
type linkless struct{ *faultfs.Process }

func (linkless) Link(string, string) error { return syscall.EPERM }

func TestCrashWhileWriting(t *testing.T) {
	for old := range 4 { // creates; makes .prev; replaces .prev; does it once more
		for _, noLinks := range []bool{false, true} {
			report := faultfs.Crashes(diskAt(old), writing{old: old, noLinks: noLinks}.start)
			t.Logf("write of generation %d, no links %v: %v", old+1, noLinks, report)
			if report.Failures != 0 {
				t.Errorf("generation %d: %v", old+1, report.First)
			}
		}
	}
}

// TestEverySyncOfAWriterCounts leaves out one sync after the other. The test above must notice each.
func TestEverySyncOfAWriterCounts(t *testing.T) {
	for old := range 3 {
		disk := diskAt(old)
		tried := wantNoticed(t, disk, func(lie lies) faultfs.Case { return writing{old: old, writer: lie}.start() })
		if tried != 2 {
			t.Errorf("generation %d: Write makes %d syncs, want 2: the file's and the directory's", old+1, tried)
		}
	}
}

// wantNoticed runs a case once for every sync that its Run makes, with that sync left out, and returns how many they are.
func wantNoticed(t *testing.T, disk *faultfs.Disk, start func(lies) faultfs.Case) int {
	t.Helper()
	trace, tried := disk.Clone().Process(), 0
	start(nil).Run(trace)
	for _, op := range trace.Ops() {
		if !strings.HasPrefix(op.Call, "sync") {
			continue
		}
		tried++
		lie := func(o faultfs.Op) bool { return o.N == op.N }
		report := faultfs.Crashes(disk, func() faultfs.Case { return start(lie) })
		if report.Failures == 0 {
			t.Errorf("nothing went wrong without call %v", op)
		}
	}
	return tried
}

func TestSyncOfAReaderCounts(t *testing.T) {
	for old := range 3 {
		noSync := func(op faultfs.Op) bool { return op.Call == "syncdir" }
		report := faultfs.Crashes(diskAt(old), writing{old: old, reader: noSync}.start)
		if report.Failures == 0 {
			t.Errorf("generation %d: nothing went wrong when the reader did not sync the directory", old+1)
		}
	}
}

// copying is a case in which somebody copied a keystore into place without syncing anything, and then Run reads it.
func copying(reader lies) faultfs.Case {
	read := 0
	return faultfs.Case{
		Run: func(p *faultfs.Process) {
			p.Lie(reader)
			if n, err := genOf(keystore.NewFileFS("/d/ks", p).Read(context.Background())); err == nil {
				read = n
			}
		},
		Check: func(d *faultfs.Disk) error {
			if n, err := raw(d); read != 0 && (err != nil || n != read) {
				return fmt.Errorf("read generation %d, then found %d, %v", read, n, err)
			}
			return nil
		},
	}
}

func TestCrashAfterReadingACopy(t *testing.T) {
	disk := faultfs.NewDisk("/d")
	if err := disk.Put("/d/ks", gen(1)); err != nil {
		t.Fatal(err)
	}
	report := faultfs.Crashes(disk, func() faultfs.Case { return copying(nil) })
	t.Logf("read of an unsynced copy: %v", report)
	if report.Failures != 0 {
		t.Error(report.First)
	}
	if tried := wantNoticed(t, disk, copying); tried != 2 {
		t.Errorf("Read makes %d syncs, want 2: the file's and the directory's", tried)
	}
}

// A File syncs nothing to read back what it has written itself, and everything as soon as somebody else was at work.
func TestReadAfterWriteSyncsOnlyForOthers(t *testing.T) {
	for _, c := range []struct {
		name   string
		others func(t *testing.T, d *faultfs.Disk)
		want   int // generation that is read
		syncs  bool
	}{
		{"nobody", func(*testing.T, *faultfs.Disk) {}, 2, false},
		{"a writer that was killed before its sync", func(t *testing.T, d *faultfs.Disk) {
			p := d.Process()
			p.Watch(func(op faultfs.Op) *faultfs.Fault {
				if op.Call == "syncdir" {
					p.Kill()
				}
				return nil
			})
			if err := keystore.NewFileFS("/d/ks", p).Write(t.Context(), genDigest(2), gen(3)); !errors.Is(err, faultfs.ErrKilled) {
				t.Fatal(err)
			}
		}, 3, true},
		{"a copy of another generation, in place", func(t *testing.T, d *faultfs.Disk) {
			mustDo(t, d.Put("/d/ks", gen(1)))
		}, 1, true},
		{"a copy of the same generation, in place", func(t *testing.T, d *faultfs.Disk) {
			mustDo(t, d.Put("/d/ks", gen(2)))
		}, 2, true},
		{"a copy of another generation, in place, with the stamp of this one", func(t *testing.T, d *faultfs.Disk) {
			p := d.Process()
			info, err := p.Stat("/d/ks")
			mustDo(t, err, d.Put("/d/ks", gen(1)))
			f, err := p.Open("/d/ks")
			mustDo(t, err, f.Chtimes(info.Modified))
			if copied, err := p.Stat("/d/ks"); copied != info {
				t.Fatalf("stat of the copy = %v, %v, want %v", copied, err, info)
			}
		}, 1, true},
	} {
		disk := diskAt(1)
		p := disk.Process()
		store := keystore.NewFileFS("/d/ks", p)
		mustDo(t, store.Write(t.Context(), genDigest(1), gen(2)))
		c.others(t, disk)
		before := len(p.Ops())
		if n, err := genOf(store.Read(t.Context())); err != nil || n != c.want {
			t.Errorf("%s: Read = generation %d, %v, want %d", c.name, n, err, c.want)
		}
		syncs := slices.ContainsFunc(p.Ops()[before:], func(op faultfs.Op) bool { return strings.HasPrefix(op.Call, "sync") })
		if syncs != c.syncs {
			t.Errorf("%s: Read synced: %v, want %v", c.name, syncs, c.syncs)
		}
		for _, loss := range disk.Losses() {
			if n, err := raw(disk.Reboot(loss)); err != nil || n != c.want {
				t.Errorf("%s: %v: then the store holds generation %d, %v, want %d", c.name, loss, n, err, c.want)
			}
		}
	}
}

// removing is a case in which Run removes the previous generation of generation 3.
func removing(writer lies) faultfs.Case {
	var removed error
	return faultfs.Case{
		Run: func(p *faultfs.Process) {
			p.Lie(writer)
			removed = keystore.NewFileFS("/d/ks", p).RemovePrevious(context.Background())
		},
		Check: func(d *faultfs.Disk) error {
			if n, err := raw(d); err != nil || n != 3 {
				return fmt.Errorf("the store holds generation %d, %v, want 3", n, err)
			}
			if removed == nil && len(d.Names("/d")) != 2 {
				return fmt.Errorf("after the removal the directory holds %v", d.Names("/d"))
			}
			return nil
		},
	}
}

func TestCrashWhileRemovingPrevious(t *testing.T) {
	disk := diskAt(3)
	report := faultfs.Crashes(disk, func() faultfs.Case { return removing(nil) })
	t.Logf("removal: %v", report)
	if report.Failures != 0 {
		t.Error(report.First)
	}
	if tried := wantNoticed(t, disk, removing); tried != 1 {
		t.Errorf("RemovePrevious makes %d syncs, want 1", tried)
	}
}

func TestRemovePreviousTakesOldCopiesOfKilledWriters(t *testing.T) {
	disk := diskAt(3)
	killed := disk.Process()
	killed.Watch(func(op faultfs.Op) *faultfs.Fault {
		if op.Call == "link" {
			killed.Kill()
		}
		return nil
	})
	err := keystore.NewFileFS("/d/ks", killed).Write(t.Context(), genDigest(3), gen(4))
	if !errors.Is(err, faultfs.ErrKilled) || len(disk.Names("/d")) != 4 {
		t.Fatalf("killed Write = %v, the directory holds %v", err, disk.Names("/d"))
	}
	if err := keystore.NewFileFS("/d/ks", disk.Process()).RemovePrevious(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := disk.Names("/d"), []string{"ks", "ks.lock"}; !slices.Equal(got, want) {
		t.Errorf("the directory holds %v, want %v", got, want)
	}
}
