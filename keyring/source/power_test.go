package source

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/internal/faultfs"
)

// powered is the folder /d on a disk whose power is cut.
type powered struct{ *faultfs.Process }

var _ folder = powered{}

func in(name string) string { return filepath.Join("/d", name) }

func (p powered) Open(name string) (durable.File, error) { return p.Process.Open(in(name)) }
func (p powered) Create(name string, mode fs.FileMode) (durable.File, error) {
	return p.Process.Create(in(name), mode)
}
func (p powered) Rename(a, b string) error                { return p.Process.Rename(in(a), in(b)) }
func (p powered) Exchange(a, b string) error              { return p.Process.Exchange(in(a), in(b)) }
func (p powered) Remove(name string) error                { return p.Process.Remove(in(name)) }
func (p powered) Lstat(name string) (durable.Info, error) { return p.Process.Lstat(in(name)) }
func (p powered) ReadDir(name string) ([]string, error)   { return p.Process.ReadDir(in(name)) }
func (p powered) SyncDir(name string) error               { return p.Process.SyncDir(in(name)) }

// replacement is a case in which a message is replaced and the folder synced, with a writer beside it or without.
func replacement(lie func(faultfs.Op) bool, beside bool) func() faultfs.Case {
	return func() faultfs.Case {
		d := Dir("/d", "r", nil)
		var replaced, written error = faultfs.ErrKilled, faultfs.ErrKilled
		c := faultfs.Case{
			Run: func(p *faultfs.Process) {
				if lie != nil {
					p.Lie(lie)
				}
				replaced = d.replaceIn(powered{p}, "f", []byte(before), []byte(after))
				if replaced == nil {
					replaced = p.SyncDir("/d")
				}
			},
			Check: func(disk *faultfs.Disk) error {
				if err := cleanAll(powered{disk.Process()}); err != nil {
					return err
				}
				got := string(disk.Get("/d/f"))
				switch {
				case written == nil && got != theirs:
					return fmt.Errorf("somebody else wrote, and it holds %q", got)
				case written != nil && replaced == nil && got != after && got != theirs:
					return fmt.Errorf("it was replaced, and holds %q", got)
				case got != before && got != after && (!beside || got != theirs):
					return fmt.Errorf("it holds %q", got)
				case len(disk.Names("/d")) != 1 && !beside:
					return fmt.Errorf("there are %v", disk.Names("/d"))
				}
				return nil
			},
		}
		if beside {
			c.Beside = func(p *faultfs.Process) {
				written = durable.Replace(p, "/d/f", []byte(theirs), durable.Attr{Mode: 0o600, Owner: durable.Unowned})
			}
		}
		return c
	}
}

const theirs = "\x01 theirs"

// cleanAll is what the next rekey does first.
func cleanAll(dir folder) error {
	names, err := dir.ReadDir(".")
	for _, name := range names {
		if _, ok := leftover(name); ok {
			err = errors.Join(err, clean(dir, name))
		}
	}
	return err
}

func newDisk(t *testing.T) *faultfs.Disk {
	t.Helper()
	disk := faultfs.NewDisk("/d")
	if err := disk.Put("/d/f", []byte(before)); err != nil {
		t.Fatal(err)
	}
	disk.Settle()
	return disk
}

// TestPowerCut cuts the power before each call of a replacement. There is the old or the new message then, the new one
// if that was said, and what somebody else wrote meanwhile if they were told so.
func TestPowerCut(t *testing.T) {
	for _, beside := range []bool{false, true} {
		report := faultfs.Crashes(newDisk(t), replacement(nil, beside))
		t.Logf("with somebody beside it %v: %v", beside, report)
		if report.Failures != 0 {
			t.Errorf("with somebody beside it %v: %v", beside, report.First)
		}
	}
}

// TestPowerCutWhileGivingBack has somebody write before each call, and the power cut before each later one: also before
// those that a replacement only makes to give back what came out of the exchange.
func TestPowerCutWhileGivingBack(t *testing.T) {
	reboots, longest := 0, 0
	for at := range 30 {
		for cut := at; cut < 40; cut++ {
			c, disk := replacement(nil, true)(), newDisk(t)
			runner := disk.Process()
			runner.Watch(func(op faultfs.Op) *faultfs.Fault {
				if op.N == at {
					c.Beside(disk.Process())
				}
				if op.N == cut {
					runner.Kill()
				}
				return nil
			})
			c.Run(runner)
			longest = max(longest, len(runner.Ops()))
			for _, loss := range disk.Losses() {
				reboots++
				if err := c.Check(disk.Reboot(loss)); err != nil {
					t.Fatalf("written before call %d, cut before %d of %v, %v: %v", at, cut, runner.Ops(), loss, err)
				}
			}
		}
	}
	t.Logf("up to %d calls, %d reboots", longest, reboots)
}

// TestEverySyncCounts leaves out one sync after the other. The test above must notice each.
func TestEverySyncCounts(t *testing.T) {
	for _, beside := range []bool{false, true} {
		for _, call := range []string{"sync", "syncdir"} {
			report := faultfs.Crashes(newDisk(t), replacement(func(op faultfs.Op) bool { return op.Call == call }, beside))
			if report.Failures == 0 {
				t.Errorf("with somebody beside it %v: nothing went wrong without any %s", beside, call)
			}
		}
	}
}

// TestReplaceThatFails has each call of a replacement fail.
func TestReplaceThatFails(t *testing.T) {
	broken := errors.New("input/output error")
	report := faultfs.Failures(newDisk(t), replacement(nil, false), broken)
	t.Log(report)
	if report.Failures != 0 {
		t.Error(report.First)
	}
}

// TestGiveBackThatFails says where the message of somebody else is when it cannot be put back.
func TestGiveBackThatFails(t *testing.T) {
	broken := errors.New("input/output error")
	for _, call := range []string{"exchange", "open", "syncdir"} {
		disk := newDisk(t)
		p, exchanged := disk.Process(), false
		p.Watch(func(op faultfs.Op) *faultfs.Fault {
			if op.Call == "exchange" && !exchanged {
				exchanged = true
				if err := disk.Put("/d/f", []byte(theirs)); err != nil {
					t.Error(err)
				}
				return nil
			}
			if exchanged && op.Call == call && (call != "open" || bytes.Equal(disk.Get("/d/f"), []byte(theirs))) {
				return &faultfs.Fault{Err: broken}
			}
			return nil
		})
		err := Dir("/d", "r", nil).replaceIn(powered{p}, "f", []byte(before), []byte(after))
		want := map[string]string{"exchange": "could not be put back: ", "open": "cannot be read: ", "syncdir": "the replacement may not last: "}[call]
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", call, err, want)
		}
		if err := cleanAll(powered{disk.Process()}); err != nil || string(disk.Get("/d/f")) != theirs || len(disk.Names("/d")) != 1 {
			t.Errorf("%s: then %v, %q among %v", call, err, disk.Get("/d/f"), disk.Names("/d"))
		}
	}
}
