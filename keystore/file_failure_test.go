package keystore_test

import (
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sealwax/sealwax/internal/faultfs"
	"github.com/sealwax/sealwax/keystore"
)

// TestEveryFailure makes one call fail after the other. Whatever Write says has to be so, also after a power cut.
func TestEveryFailure(t *testing.T) {
	for old := range 4 {
		for _, err := range []error{syscall.EIO, syscall.ENOSPC, syscall.EPERM} {
			report := faultfs.Failures(diskAt(old), writing{old: old}.start, err)
			t.Logf("write of generation %d, %v: %v", old+1, err, report)
			if report.Failures != 0 {
				t.Errorf("generation %d: %v", old+1, report.First)
			}
		}
	}
	if report := faultfs.Failures(diskAt(3), func() faultfs.Case { return removing(nil) }, syscall.EIO); report.Failures != 0 {
		t.Error(report.First)
	}
}

// A file that grows after it was looked at is read no further than one byte past the limit.
func TestFileThatGrowsWhileItIsRead(t *testing.T) {
	disk := diskAt(1)
	p := disk.Process()
	store := keystore.NewFileFS("/d/ks", p)
	for name, use := range map[string]func() error{
		"Read":  func() error { _, err := store.Read(t.Context()); return err },
		"Write": func() error { return store.Write(t.Context(), genDigest(1), gen(2)) },
	} {
		mustDo(t, disk.Put("/d/ks", gen(1)))
		p.Watch(func(op faultfs.Op) *faultfs.Fault {
			if op.Call == "read" {
				p.Watch(nil)
				mustDo(t, disk.Put("/d/ks", make([]byte, 3*keystore.MaxSize)))
			}
			return nil
		})
		want := "/d/ks: 16777217 bytes are more than a keystore's limit of 16777216"
		if err := use(); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s = %v, want %q", name, err, want)
		}
	}
}

func TestFailureLeavesNoTemporaryFile(t *testing.T) {
	for at := 0; ; at++ {
		disk := diskAt(2)
		p := disk.Process()
		var failed faultfs.Op
		p.Watch(func(op faultfs.Op) *faultfs.Fault {
			if op.N != at {
				return nil
			}
			failed = op
			return &faultfs.Fault{Err: syscall.EIO}
		})
		err := keystore.NewFileFS("/d/ks", p).Write(t.Context(), genDigest(2), gen(3))
		if failed.Call == "" {
			return // it made fewer calls than that
		}
		if got, want := disk.Names("/d"), []string{"ks", "ks.lock", "ks.prev"}; !slices.Equal(got, want) {
			t.Errorf("after %v failed with %v the directory holds %v, want %v", failed, err, got, want)
		}
	}
}
