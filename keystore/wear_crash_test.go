package keystore_test

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/internal/faultfs"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// As those of ring_crash_test.go, these tests stand here because only this package can put a File on another file system.

// wearing is a case for faultfs: a ring seals, takes a lease, seals more, and is closed. What the wear file is known to
// stand for before the power cut it stands for afterwards, and it can be gone on with.
type wearing struct {
	t      *testing.T
	keks   []*wrappers.KEK
	sealed uint64 // messages that are counted exactly
	known  uint64 // of them, what was in the file at some time
	closed bool   // the ring has handed in all
}

const firstWearLease = 1 << 20

func (c *wearing) start() faultfs.Case {
	*c = wearing{t: c.t, keks: c.keks}
	return faultfs.Case{
		Run: func(p *faultfs.Process) { synctest.Test(c.t, func(*testing.T) { c.run(p) }) },
		Check: func(d *faultfs.Disk) (err error) {
			synctest.Test(c.t, func(*testing.T) { err = c.check(d) })
			return err
		},
	}
}

// open opens a ring, and waits for the first look that it takes at the wear file.
func (c *wearing) open(p *faultfs.Process) (*keyring.Ring, error) {
	store := keystore.NewFileFS("/d/ks", p)
	r, err := keyring.Load(context.Background(), store, c.keks[:1], &keyring.Options{RefreshInterval: -1, PayInterval: -1, Wear: store.Beside(".wear")})
	synctest.Wait()
	return r, err
}

func (c *wearing) run(p *faultfs.Process) {
	r, err := c.open(p)
	if err != nil {
		return
	}
	c.seal(r, 3)
	time.Sleep(2 * time.Second)
	synctest.Wait()
	c.note(p, r.ID())
	c.seal(r, 2) // of its lease
	r.Close()
	if n := c.note(p, r.ID()); n == c.sealed {
		c.closed = true
	}
}

func (c *wearing) seal(r *keyring.Ring, n int) {
	for range n {
		if _, err := r.Seal(nil, make([]byte, 64<<10), ringPlace); err == nil {
			c.sealed++
		}
	}
}

// note notes what of the messages the file stands for, and returns for how many it does.
func (c *wearing) note(p *faultfs.Process, id keystore.ID) uint64 {
	n, err := wornIn(p, id)
	if err == nil {
		c.known = max(c.known, min(n, 5)) // all that this case seals
	}
	return n
}

// wornIn returns how many messages the wear file stands for.
func wornIn(p *faultfs.Process, id keystore.ID) (n uint64, err error) {
	all, err := keyring.ReadWear(context.Background(), keystore.NewFileFS("/d/ks", p).Beside(".wear"), id)
	for _, w := range all {
		n += w.Messages
	}
	return n, err
}

func (c *wearing) check(d *faultfs.Disk) error {
	p := d.Process()
	r, err := c.open(p)
	if err != nil {
		return err
	}
	defer r.Close()
	n, err := wornIn(p, r.ID())
	switch {
	case err != nil:
		return err
	case n < min(c.known, c.sealed):
		return fmt.Errorf("the wear file stands for %d messages, and has stood for %d", n, c.known)
	case n > c.sealed+firstWearLease, c.closed && n != c.sealed:
		return fmt.Errorf("the wear file stands for %d messages, and %d were sealed", n, c.sealed)
	case strings.Contains(fmt.Sprint(d.Names("/d")), "damaged"):
		return fmt.Errorf("something was set aside: %v", d.Names("/d"))
	}
	c.seal(r, 1)
	c.sealed-- // it is not of the case
	r.Close()
	if again, err := wornIn(p, r.ID()); err != nil || again != n+1 {
		return fmt.Errorf("after another message the wear file stands for %d, %v, want %d", again, err, n+1)
	}
	return nil
}

func TestWearCrash(t *testing.T) {
	keks := ringKEKs(t)
	disk, _ := ringDisk(t, keks)
	c := &wearing{t: t, keks: keks}
	c.start().Run(disk.Clone().Process())
	if c.sealed != 5 || c.known != 5 || !c.closed {
		t.Fatalf("with nothing in the way: %+v, want 5 messages and all handed in", c)
	}
	report := faultfs.Crashes(disk, c.start)
	t.Log(report)
	if report.Failures != 0 {
		t.Error(report.First)
	}
	for _, failure := range []error{syscall.EIO, syscall.ENOSPC} {
		report := faultfs.Failures(disk, c.start, failure)
		t.Log(failure, report)
		if report.Failures != 0 {
			t.Errorf("%v: %v", failure, report.First)
		}
	}
}
