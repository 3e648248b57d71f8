package faultfs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sealwax/sealwax/internal/durable"
)

// outcomes returns every content that path may have after a power cut, "-" for no file.
func outcomes(d *Disk, path string) []string {
	set := map[string]bool{}
	for _, loss := range d.Losses() {
		if data := d.Reboot(loss).Get(path); data == nil {
			set["-"] = true
		} else {
			set[string(data)] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// create makes a file and leaves it open.
func create(t *testing.T, p *Process, path, data string) *handle {
	t.Helper()
	f, err := p.Create(path, 0o600)
	if err == nil {
		_, err = io.WriteString(f, data)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f.(*handle)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatAPowerCutLeaves(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(p *Process)
		want []string
	}{
		{"nothing synced", func(p *Process) { create(t, p, "/d/f", "data") },
			[]string{"", "\x00\x00\x00\x00", "-", "da", "data"}},
		{"content synced", func(p *Process) { must(t, create(t, p, "/d/f", "data").Sync()) },
			[]string{"-", "data"}},
		{"name synced", func(p *Process) { create(t, p, "/d/f", "data"); must(t, p.SyncDir("/d")) },
			[]string{"", "\x00\x00\x00\x00", "da", "data"}},
		{"both synced", func(p *Process) { must(t, create(t, p, "/d/f", "data").Sync()); must(t, p.SyncDir("/d")) },
			[]string{"data"}},
		{"another directory synced", func(p *Process) { must(t, create(t, p, "/d/f", "data").Sync()); must(t, p.SyncDir("/e")) },
			[]string{"-", "data"}},
		{"written to after the sync", func(p *Process) {
			f := create(t, p, "/d/f", "data")
			must(t, errors.Join(f.Sync(), p.SyncDir("/d")))
			_, err := io.WriteString(f, "more")
			must(t, err)
		}, []string{"\x00\x00\x00\x00\x00\x00\x00\x00", "data", "datamore"}},
		{"synced after a failed sync", func(p *Process) {
			f := create(t, p, "/d/f", "data")
			p.Watch(func(Op) *Fault { return &Fault{Err: syscall.EIO} })
			if err := f.Sync(); !errors.Is(err, syscall.EIO) {
				t.Errorf("Sync = %v, want EIO", err)
			}
			p.Watch(nil)
			must(t, errors.Join(f.Sync(), p.SyncDir("/d")))
		}, []string{"", "\x00\x00\x00\x00", "da", "data"}},
		{"removed", func(p *Process) {
			must(t, create(t, p, "/d/f", "data").Sync())
			must(t, errors.Join(p.SyncDir("/d"), p.Remove("/d/f")))
		}, []string{"-", "data"}},
		{"renamed over another", func(p *Process) {
			must(t, create(t, p, "/d/f", "old").Sync())
			must(t, create(t, p, "/d/g", "new").Sync())
			must(t, errors.Join(p.SyncDir("/d"), p.Rename("/d/g", "/d/f")))
		}, []string{"new", "old"}},
	} {
		d := NewDisk("/d", "/e")
		c.do(d.Process())
		if got := outcomes(d, "/d/f"); !slices.Equal(got, c.want) {
			t.Errorf("%s: the file may be %q, want %q", c.name, got, c.want)
		}
		d.Settle()
		if got := outcomes(d, "/d/f"); len(got) != 1 {
			t.Errorf("%s, settled: the file may be %q, want one outcome", c.name, got)
		}
	}
}

func TestRenameIsOneChange(t *testing.T) {
	d := NewDisk("/d")
	p := d.Process()
	must(t, create(t, p, "/d/f", "data").Sync())
	must(t, errors.Join(p.SyncDir("/d"), p.Rename("/d/f", "/d/g")))
	for _, loss := range d.Losses() {
		if names := d.Reboot(loss).Names("/d"); len(names) != 1 {
			t.Errorf("%v: %v, want one name", loss, names)
		}
	}
}

func TestExchangeIsOneChange(t *testing.T) {
	d := NewDisk("/d")
	must(t, errors.Join(d.Put("/d/a", []byte("one")), d.Put("/d/b", []byte("two"))))
	d.Settle()
	p := d.Process()
	must(t, p.Exchange("/d/a", "/d/b"))
	for _, loss := range d.Losses() {
		after := d.Reboot(loss)
		if got := string(after.Get("/d/a")) + string(after.Get("/d/b")); got != "onetwo" && got != "twoone" {
			t.Errorf("%v: got %s", loss, got)
		}
	}
	if err := p.Exchange("/d/a", "/d/c"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Exchange with nothing = %v", err)
	}
	if got := outcomes(d, "/d/a"); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("outcomes %q", got)
	}
}

func TestRenameOfTwoNamesOfOneFile(t *testing.T) {
	d := NewDisk("/d")
	p := d.Process()
	create(t, p, "/d/f", "data")
	must(t, errors.Join(p.Link("/d/f", "/d/g"), p.Rename("/d/f", "/d/g")))
	if got, want := d.Names("/d"), []string{"f", "g"}; !slices.Equal(got, want) {
		t.Errorf("names = %v, want %v, as POSIX has it", got, want)
	}
}

func TestErrorsAreThoseOfOS(t *testing.T) {
	p := NewDisk("/d").Process()
	create(t, p, "/d/f", "")
	_, open := p.Open("/d/g")
	_, exists := p.Create("/d/f", 0o600)
	_, noDir := p.Create("/x/f", 0o600)
	_, noDirRead := p.ReadDir("/x")
	_, link := p.Readlink("/d/f")
	for _, c := range []struct {
		call string
		err  error
		want error
	}{
		{"Open", open, fs.ErrNotExist}, {"Create", exists, fs.ErrExist}, {"Create", noDir, fs.ErrNotExist},
		{"ReadDir", noDirRead, fs.ErrNotExist}, {"Readlink", link, syscall.EINVAL},
		{"SyncDir", p.SyncDir("/x"), fs.ErrNotExist}, {"Rename", p.Rename("/d/g", "/d/h"), fs.ErrNotExist},
		{"Rename", p.Rename("/d/f", "/x/f"), syscall.EXDEV}, {"Link", p.Link("/d/f", "/d/f"), fs.ErrExist},
		{"Remove", p.Remove("/d/g"), fs.ErrNotExist},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s = %v, want %v", c.call, c.err, c.want)
		}
	}
}

func TestKillFreesLocksAndEndsTheProcess(t *testing.T) {
	d := NewDisk("/d")
	p, q := d.Process(), d.Process()
	unlock, err := p.Lock(t.Context(), "/d/lock", durable.Unowned)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := q.Lock(ctx, "/d/lock", durable.Unowned); !errors.Is(err, context.Canceled) {
		t.Errorf("Lock of a held lock = %v, want context.Canceled", err)
	}
	p.Kill()
	if _, err := p.Stat("/d"); !errors.Is(err, ErrKilled) {
		t.Errorf("Stat of a killed process = %v, want ErrKilled", err)
	}
	second, err := q.Lock(t.Context(), "/d/lock", durable.Unowned)
	must(t, err)
	unlock() // of a lock that was taken away: it must not free the new holder's
	if _, err := d.Process().Lock(ctx, "/d/lock", durable.Unowned); !errors.Is(err, context.Canceled) {
		t.Errorf("Lock of the new holder's lock = %v, want context.Canceled", err)
	}
	second()
}

func TestSubsets(t *testing.T) {
	for n, want := range map[int]int{0: 1, 1: 2, 3: 8, maxSubsets: 1 << maxSubsets, 7: 20, 40: 119} {
		if got := subsets(n); len(got) != want {
			t.Errorf("%d changes: %d subsets, want %d", n, len(got), want)
		}
		for _, set := range subsets(n) {
			if set>>n != 0 {
				t.Errorf("%d changes: subset %#b", n, set)
			}
		}
	}
}

// TestCrashesFindsBrokenCode runs code that forgets one thing, and says at which cut that shows.
func TestCrashesFindsBrokenCode(t *testing.T) {
	for _, c := range []struct {
		name string
		run  func(p *Process) error
		ok   bool
	}{
		{"complete", func(p *Process) error { return replace(p, "write sync close rename syncdir") }, true},
		{"no sync", func(p *Process) error { return replace(p, "write close rename syncdir") }, false},
		{"no sync of the directory", func(p *Process) error { return replace(p, "write sync close rename") }, false},
		{"sync after the rename", func(p *Process) error { return replace(p, "write rename sync close syncdir") }, false},
		{"write after the rename", func(p *Process) error { return replace(p, "rename write sync close syncdir") }, false},
	} {
		disk := NewDisk("/d")
		must(t, disk.Put("/d/f", []byte("old")))
		disk.Settle()
		report := Crashes(disk, func() Case {
			done := false
			return Case{
				Run: func(p *Process) { done = c.run(p) == nil },
				Check: func(d *Disk) error {
					if got := string(d.Get("/d/f")); got != "new!" && (done || got != "old") {
						return fmt.Errorf("done %v, content %q", done, got)
					}
					return nil
				},
			}
		})
		if ok := report.Failures == 0; ok != c.ok || ok != (report.First == nil) {
			t.Errorf("%s: %v, first %v, want failures: %v", c.name, report, report.First, !c.ok)
		}
	}
}

// replace carries out the steps of a replacement in the given order.
func replace(p *Process, steps string) error {
	f, err := p.Create("/d/temp", 0o600)
	if err != nil {
		return err
	}
	for step := range strings.FieldsSeq(steps) {
		switch step {
		case "write":
			_, err = io.WriteString(f, "new!")
		case "sync":
			err = f.Sync()
		case "close":
			err = f.Close()
		case "rename":
			err = p.Rename("/d/temp", "/d/f")
		case "syncdir":
			err = p.SyncDir("/d")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// TestCrashesFindsBrokenReaders has a second process read beside a correct replacement.
func TestCrashesFindsBrokenReaders(t *testing.T) {
	sync := func(p *Process, _ *string) error { return p.SyncDir("/d") }
	read := func(p *Process, got *string) error {
		f, err := p.Open("/d/f")
		if err != nil {
			return err
		}
		data, err := io.ReadAll(f)
		*got = string(data)
		return err
	}
	for _, c := range []struct {
		name  string
		steps []func(*Process, *string) error
		ok    bool
	}{
		{"read, then sync", []func(*Process, *string) error{read, sync}, true},
		{"no sync", []func(*Process, *string) error{read}, false},
		{"sync, then read", []func(*Process, *string) error{sync, read}, false}, // the writer may come in between
	} {
		disk := NewDisk("/d")
		must(t, disk.Put("/d/f", []byte("old")))
		disk.Settle()
		report := Crashes(disk, func() Case {
			var got string
			return Case{
				Run: func(p *Process) { _ = replace(p, "write sync close rename syncdir") },
				Beside: func(p *Process) {
					for _, step := range c.steps {
						must(t, step(p, &got))
					}
				},
				Check: func(d *Disk) error {
					if now := string(d.Get("/d/f")); got == "new!" && now != "new!" {
						return fmt.Errorf("read %q, found %q", got, now)
					}
					return nil
				},
			}
		})
		if ok := report.Failures == 0; ok != c.ok {
			t.Errorf("%s: %v, first %v, want failures: %v", c.name, report, report.First, !c.ok)
		}
	}
}

// TestFailuresFindsIgnoredErrors has one call fail after the other.
func TestFailuresFindsIgnoredErrors(t *testing.T) {
	for _, ignore := range []string{"", "write", "sync", "syncdir"} {
		disk := NewDisk("/d")
		report := Failures(disk, func() Case {
			done := false
			return Case{
				Run: func(p *Process) {
					steps := "write sync close rename syncdir"
					err := replace(p, steps)
					var at *fs.PathError
					done = err == nil || errors.As(err, &at) && at.Op == ignore
				},
				Check: func(d *Disk) error {
					if got := string(d.Get("/d/f")); done && got != "new!" {
						return fmt.Errorf("done, but the content is %q", got)
					}
					return nil
				},
			}
		}, syscall.EIO)
		if ok := report.Failures == 0; ok != (ignore == "") || report.Ops != 6 {
			t.Errorf("ignoring a failed %q: %v, first %v", ignore, report, report.First)
		}
	}
}
