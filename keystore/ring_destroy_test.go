package keystore_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/sealwax/sealwax/internal/faultfs"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// destruction is a case for faultfs: one process destroys the retired key of a ringDisk, and another one seals and
// opens meanwhile. After the power cut the key is there, and its message opens, or its tombstone is. If the process was
// told that the key is destroyed, its secret is in neither generation. Either way a second attempt leaves it in
// neither.
type destruction struct {
	keks   []*wrappers.KEK
	msgs   [][]byte
	id     keystore.ID
	secret []byte // the sealed DEK, as the file has it
}

func newDestruction(t *testing.T) (*faultfs.Disk, *destruction) {
	t.Helper()
	keks := ringKEKs(t)
	disk, msgs := ringDisk(t, keks)
	c, _, err := keystore.Fetch(t.Context(), keystore.NewFileFS("/d/ks", disk.Process()), nil)
	if err != nil {
		t.Fatal(err)
	}
	k := c.Keys[0]
	d := &destruction{keks, msgs, k.ID, []byte(base64.StdEncoding.EncodeToString(k.SealedDEK))}
	if d.left(disk) != 2 {
		t.Fatal("the secret of the key is not in both generations, so that it can be missed")
	}
	return disk, d
}

// left counts in how many generations on the disk the secret is.
func (d *destruction) left(disk *faultfs.Disk) int {
	n := 0
	for _, path := range []string{"/d/ks", "/d/ks.prev"} {
		if bytes.Contains(disk.Get(path), d.secret) {
			n++
		}
	}
	return n
}

func (d *destruction) destroy(p *faultfs.Process) error {
	r, err := loadRing(p, d.keks)
	if err != nil {
		return err
	}
	defer r.Close()
	return r.DestroyForced(context.Background(), d.id, nil)
}

func (d *destruction) start() faultfs.Case {
	told, msgs := errors.New("not yet"), d.msgs[1:]
	return faultfs.Case{
		Run: func(p *faultfs.Process) { told = d.destroy(p) },
		Beside: func(p *faultfs.Process) {
			r, err := loadRing(p, d.keks)
			if err != nil {
				return
			}
			defer r.Close()
			if msg, err := r.Seal(nil, nil, ringPlace); err == nil {
				msgs = append(msgs[:len(msgs):len(msgs)], msg)
			}
		},
		Check: func(disk *faultfs.Disk) error {
			if n := d.left(disk); told == nil && n != 0 {
				return fmt.Errorf("the key is destroyed, and its secret is left in %d generations", n)
			}
			if err := d.check(disk, msgs); err != nil {
				return err
			}
			if err := d.destroy(disk.Process()); err != nil {
				return fmt.Errorf("the second attempt: %w", err)
			}
			if n := d.left(disk); n != 0 {
				return fmt.Errorf("after the second attempt the secret is left in %d generations", n)
			}
			return nil
		},
	}
}

// check wants the message of the key to open unless its tombstone is there, and the messages of others to open.
func (d *destruction) check(disk *faultfs.Disk, others [][]byte) error {
	r, err := loadRing(disk.Process(), d.keks)
	if err != nil {
		return err
	}
	defer r.Close()
	_, doomed := r.Open(nil, d.msgs[0], ringPlace)
	for i, msg := range others {
		if _, err := r.Open(nil, msg, ringPlace); err != nil {
			return fmt.Errorf("message %d of another key is lost: %w", i, err)
		}
	}
	switch gone := keyIn(r, keystore.Destroyed) == d.id; {
	case gone && !errors.Is(doomed, keyring.ErrKeyDestroyed):
		return fmt.Errorf("beside the tombstone the message gives %v", doomed)
	case !gone && doomed != nil:
		return fmt.Errorf("without a tombstone the message is lost: %w", doomed)
	}
	return nil
}

func TestDestroyCrash(t *testing.T) {
	isLong(t)
	disk, d := newDestruction(t)
	report := faultfs.Crashes(disk, d.start)
	t.Log(report)
	if report.Failures != 0 || report.Stops < 20 {
		t.Error(report.First)
	}
	for _, failure := range []error{syscall.EIO, syscall.ENOSPC} {
		report := faultfs.Failures(disk, d.start, failure)
		t.Logf("%v: %v", failure, report)
		if report.Failures != 0 {
			t.Errorf("%v: %v", failure, report.First)
		}
	}
}

// TestDestroyCrashNoticesMissingSyncs is a test of the test.
func TestDestroyCrashNoticesMissingSyncs(t *testing.T) {
	disk, d := newDestruction(t)
	for _, call := range []string{"sync", "syncdir"} {
		report := faultfs.Crashes(disk, func() faultfs.Case {
			c := d.start()
			honest := c.Run
			c.Run = func(p *faultfs.Process) {
				p.Lie(func(op faultfs.Op) bool { return op.Call == call })
				honest(p)
			}
			c.Beside = nil
			return c
		})
		if report.Failures == 0 {
			t.Errorf("nothing went wrong without any %s", call)
		}
	}
}
