package keystore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/sealwax/sealwax/internal/faultfs"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

// These tests stand here and not in package keyring because only this package can put a File on another file system.

// ringWrites are all kinds of writes that a ring makes.
var ringWrites = []struct {
	name  string
	write func(r *keyring.Ring, keks []*wrappers.KEK) error
}{
	{"rotate", func(r *keyring.Ring, _ []*wrappers.KEK) error {
		_, err := r.Rotate(context.Background())
		return err
	}},
	{"rewrap", func(r *keyring.Ring, keks []*wrappers.KEK) error {
		_, err := r.Rewrap(context.Background(), keks[1])
		return err
	}},
	{"new root", func(r *keyring.Ring, _ []*wrappers.KEK) error {
		_, err := r.RotateRoot(context.Background())
		return err
	}},
	{"prepublish", func(r *keyring.Ring, _ []*wrappers.KEK) error {
		_, err := r.Prepublish(context.Background(), time.Time{})
		return err
	}},
	{"activate", func(r *keyring.Ring, _ []*wrappers.KEK) error {
		return r.Activate(context.Background(), keyIn(r, keystore.Prepublished))
	}},
	{"withdraw", func(r *keyring.Ring, _ []*wrappers.KEK) error {
		return r.Withdraw(context.Background(), keyIn(r, keystore.Prepublished))
	}},
	{"mark compromised", func(r *keyring.Ring, _ []*wrappers.KEK) error {
		return r.MarkCompromised(context.Background(), keyIn(r, keystore.Active))
	}},
}

// keyIn returns the key that is in a state.
func keyIn(r *keyring.Ring, state keystore.State) keystore.ID {
	for _, k := range r.Keys() {
		if k.State == state {
			return k.ID
		}
	}
	return keystore.ID{}
}

// countIn counts the keys that are in a state.
func countIn(r *keyring.Ring, state keystore.State) (n int) {
	for _, k := range r.Keys() {
		if k.State == state {
			n++
		}
	}
	return n
}

var ringPlace = keyring.Bind("crash")

// ringKEKs returns two KEKs, of which a new ring uses the first.
func ringKEKs(t *testing.T) []*wrappers.KEK {
	t.Helper()
	var keks []*wrappers.KEK
	for _, name := range []string{"a", "b"} {
		w, err := local.New(bytes.Repeat([]byte(name), 32))
		if err != nil {
			t.Fatal(err)
		}
		k, err := wrappers.New(w, &wrappers.Options{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { k.Close() })
		keks = append(keks, k)
	}
	return keks
}

func loadRing(p *faultfs.Process, keks []*wrappers.KEK) (*keyring.Ring, error) {
	return keyring.Load(context.Background(), keystore.NewFileFS("/d/ks", p), keks, &keyring.Options{RefreshInterval: -1})
}

// ringGeneration is that of the keystore on a ringDisk.
const ringGeneration = 3

// ringDisk returns a disk with a keystore that has a retired, an active and a prepublished key, and a message under each of
// the first two.
func ringDisk(t *testing.T, keks []*wrappers.KEK) (*faultfs.Disk, [][]byte) {
	t.Helper()
	disk := faultfs.NewDisk("/d")
	store := keystore.NewFileFS("/d/ks", disk.Process())
	r, err := keyring.Create(t.Context(), store, keks[:1], &keyring.Options{Cluster: "c", Region: "r", RefreshInterval: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	first, firstErr := r.Seal(nil, nil, ringPlace)
	_, rotateErr := r.Rotate(t.Context())
	second, secondErr := r.Seal(nil, nil, ringPlace)
	_, prepublishErr := r.Prepublish(t.Context(), time.Time{})
	if err := errors.Join(firstErr, rotateErr, secondErr, prepublishErr); err != nil {
		t.Fatal(err)
	}
	disk.Settle()
	return disk, [][]byte{first, second}
}

// ringCase is a case for faultfs: one process opens a ring, writes, and seals with what it then has. Another process opens
// a ring meanwhile and seals. After the power cut the keystore loads, at the old or the new generation, every
// message that either of them got opens, and one key is active.
func ringCase(keks []*wrappers.KEK, old [][]byte, write func(*keyring.Ring, []*wrappers.KEK) error) func() faultfs.Case {
	return func() faultfs.Case {
		sealed := old
		use := func(p *faultfs.Process, write func(*keyring.Ring) error) {
			r, err := loadRing(p, keks)
			if err != nil {
				return
			}
			defer r.Close()
			_ = write(r) // whatever came of it, the ring goes on sealing
			if msg, err := r.Seal(nil, nil, ringPlace); err == nil {
				sealed = append(sealed[:len(sealed):len(sealed)], msg)
			}
		}
		return faultfs.Case{
			Run: func(p *faultfs.Process) {
				use(p, func(r *keyring.Ring) error { return write(r, keks) })
			},
			Beside: func(p *faultfs.Process) {
				use(p, func(*keyring.Ring) error { return nil })
			},
			Check: func(d *faultfs.Disk) error { return checkRing(d, keks, sealed) },
		}
	}
}

func checkRing(d *faultfs.Disk, keks []*wrappers.KEK, sealed [][]byte) error {
	r, err := loadRing(d.Process(), keks)
	if err != nil {
		return err
	}
	defer r.Close()
	if g := r.Seen().Generation; g != ringGeneration && g != ringGeneration+1 {
		return fmt.Errorf("the keystore is of generation %d", g)
	}
	for i, msg := range sealed {
		if _, err := r.Open(nil, msg, ringPlace); err != nil {
			return fmt.Errorf("message %d of %d is lost: %w", i, len(sealed), err)
		}
	}
	if n := countIn(r, keystore.Active); n != 1 {
		return fmt.Errorf("%d keys are active", n)
	}
	return nil
}

// isLong skips a test that takes minutes with the race detector, which has nothing to find in it: what is simulated runs one
// call at a time.
func isLong(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("cuts the power thousands of times")
	}
}

func TestRingCrash(t *testing.T) {
	isLong(t)
	keks := ringKEKs(t)
	disk, old := ringDisk(t, keks)
	for _, w := range ringWrites {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			report := faultfs.Crashes(disk, ringCase(keks, old, w.write))
			t.Log(report)
			if report.Failures != 0 {
				t.Error(report.First)
			}
		})
	}
}

func TestRingFailure(t *testing.T) {
	isLong(t)
	keks := ringKEKs(t)
	disk, old := ringDisk(t, keks)
	for _, w := range ringWrites {
		for _, err := range []error{syscall.EIO, syscall.ENOSPC} {
			report := faultfs.Failures(disk, ringCase(keks, old, w.write), err)
			t.Logf("%s, %v: %v", w.name, err, report)
			if report.Failures != 0 {
				t.Errorf("%s, %v: %v", w.name, err, report.First)
			}
		}
	}
}

// TestRingCrashNoticesASealBeforeTheWrite is a test of the test: a ring that sealed under a key before the keystore had
// it would lose messages.
func TestRingCrashNoticesASealBeforeTheWrite(t *testing.T) {
	isLong(t)
	keks := ringKEKs(t)
	disk, old := ringDisk(t, keks)
	start := func() faultfs.Case {
		c := ringCase(keks, old, ringWrites[0].write)()
		honest := c.Run
		c.Run = func(p *faultfs.Process) {
			p.Lie(func(op faultfs.Op) bool { return op.Call == "sync" || op.Call == "syncdir" })
			honest(p)
		}
		return c
	}
	if report := faultfs.Crashes(disk, start); report.Failures == 0 {
		t.Error("no message was lost although nothing was synced")
	}
}

// TestCreateCrash cuts the power while a keystore is made: there is none afterwards, or a whole one.
func TestCreateCrash(t *testing.T) {
	keks := ringKEKs(t)
	report := faultfs.Crashes(faultfs.NewDisk("/d"), func() faultfs.Case {
		var sealed []byte
		return faultfs.Case{
			Run: func(p *faultfs.Process) {
				r, err := keyring.Create(context.Background(), keystore.NewFileFS("/d/ks", p), keks[:1],
					&keyring.Options{Cluster: "c", Region: "r", RefreshInterval: -1})
				if err != nil {
					return
				}
				defer r.Close()
				sealed, _ = r.Seal(nil, nil, ringPlace)
			},
			Check: func(d *faultfs.Disk) error {
				r, err := loadRing(d.Process(), keks)
				if errors.Is(err, keystore.ErrNotFound) && sealed == nil {
					return nil
				}
				if err != nil {
					return err
				}
				defer r.Close()
				if sealed != nil {
					_, err = r.Open(nil, sealed, ringPlace)
				}
				return err
			},
		}
	})
	t.Log(report)
	if report.Failures != 0 {
		t.Error(report.First)
	}
}

// ringGroup returns three KEKs of a group of which two open the keystore.
func ringGroup(t *testing.T) []*wrappers.KEK {
	t.Helper()
	var keks []*wrappers.KEK
	for _, name := range []string{"x", "y", "z"} {
		w, err := local.New(bytes.Repeat([]byte(name), 32))
		if err != nil {
			t.Fatal(err)
		}
		k, err := wrappers.New(w, &wrappers.Options{Name: name, Group: "officers"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { k.Close() })
		keks = append(keks, k)
	}
	return keks
}

// groupWrites are the writes that split a root, or join what was split.
var groupWrites = []struct {
	name  string
	write func(r *keyring.Ring, keks []*wrappers.KEK) error
}{
	{"split anew", func(r *keyring.Ring, keks []*wrappers.KEK) error {
		_, err := r.Rewrap(context.Background(), keks...)
		return err
	}},
	{"a member leaves", func(r *keyring.Ring, keks []*wrappers.KEK) error {
		_, err := r.Rewrap(context.Background(), keks[:2]...)
		return err
	}},
	{"new root", ringWrites[2].write},
}

// TestGroupCrash cuts the power while a root is split anew: any two of the three, each pair alone, open what is there
// afterwards. Shares of the old and of the new split are never in one file.
func TestGroupCrash(t *testing.T) {
	isLong(t)
	keks := ringGroup(t)
	options := &keyring.Options{Cluster: "c", Region: "r", RefreshInterval: -1, PayInterval: -1, Groups: map[string]int{"officers": 2}}
	disk := faultfs.NewDisk("/d")
	r, err := keyring.Create(t.Context(), keystore.NewFileFS("/d/ks", disk.Process()), keks, options)
	if err != nil {
		t.Fatal(err)
	}
	old, err := r.Seal(nil, nil, ringPlace)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	disk.Settle()
	for _, w := range groupWrites {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			report := faultfs.Crashes(disk, func() faultfs.Case {
				sealed := [][]byte{old}
				return faultfs.Case{
					Run: func(p *faultfs.Process) {
						r, err := keyring.Load(context.Background(), keystore.NewFileFS("/d/ks", p), keks, options)
						if err != nil {
							return
						}
						defer r.Close()
						_ = w.write(r, keks) // whatever came of it, the ring goes on sealing
						if msg, err := r.Seal(nil, nil, ringPlace); err == nil {
							sealed = append(sealed, msg)
						}
					},
					Check: func(d *faultfs.Disk) error { return checkPairs(d, keks, options, sealed) },
				}
			})
			t.Log(report)
			if report.Failures != 0 {
				t.Error(report.First)
			}
		})
	}
}

// checkPairs wants every two KEKs that have a share to open all messages.
func checkPairs(d *faultfs.Disk, keks []*wrappers.KEK, o *keyring.Options, sealed [][]byte) error {
	store := keystore.NewFileFS("/d/ks", d.Process())
	c, _, err := keystore.Fetch(context.Background(), store, nil)
	if err != nil {
		return err
	}
	for i, left := range keks[:len(c.Stanzas)] {
		for _, right := range keks[i+1 : len(c.Stanzas)] {
			r, err := keyring.Load(context.Background(), store, []*wrappers.KEK{left, right}, o)
			if err != nil {
				return err
			}
			for i, msg := range sealed {
				if _, err := r.Open(nil, msg, ringPlace); err != nil {
					return fmt.Errorf("message %d of %d is lost to %s and %s: %w", i, len(sealed), left.ID(), right.ID(), err)
				}
			}
			r.Close()
		}
	}
	return nil
}
