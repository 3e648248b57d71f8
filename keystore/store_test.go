package keystore_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/sealwax/sealwax/internal/faultfs"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/keystore/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, storetest.Harness{
		New:      func(*testing.T) keystore.Store { return keystore.NewMemory() },
		Previous: func(_ *testing.T, s keystore.Store) []byte { return s.(*keystore.Memory).Previous() },
	})
}

func TestFile(t *testing.T) {
	storetest.Run(t, storetest.Harness{
		New: func(t *testing.T) keystore.Store {
			return keystore.NewFile(filepath.Join(t.TempDir(), "keystore.jsonl"))
		},
		Again: func(_ *testing.T, s keystore.Store) keystore.Store {
			return keystore.NewFile(s.(*keystore.File).Path())
		},
		Previous: func(t *testing.T, s keystore.Store) []byte {
			data, err := os.ReadFile(s.(*keystore.File).PreviousPath())
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			return data
		},
	})
}

func TestFileOnSimulatedDisk(t *testing.T) {
	machines := map[keystore.Store]*faultfs.Disk{}
	processes := map[keystore.Store]*faultfs.Process{}
	start := func(disk *faultfs.Disk) keystore.Store {
		p := disk.Process()
		s := keystore.NewFileFS("/d/ks", p)
		machines[s], processes[s] = disk, p
		return s
	}
	storetest.Run(t, storetest.Harness{
		New:   func(*testing.T) keystore.Store { return start(faultfs.NewDisk("/d")) },
		Again: func(_ *testing.T, s keystore.Store) keystore.Store { return start(machines[s]) },
		Unknown: func(_ *testing.T, s keystore.Store, written bool) {
			processes[s].Watch(func(op faultfs.Op) *faultfs.Fault {
				if op.Call != "syncdir" {
					return nil
				}
				processes[s].Watch(nil)
				if !written {
					takeBack(machines[s])
				}
				return &faultfs.Fault{Err: syscall.EIO}
			})
		},
		Previous: func(_ *testing.T, s keystore.Store) []byte { return machines[s].Get("/d/ks.prev") },
	})
}

// takeBack undoes a replacement, as a power cut would.
func takeBack(d *faultfs.Disk) {
	p := d.Process()
	if err := p.Rename("/d/ks.prev", "/d/ks"); err != nil {
		panic(err)
	}
}
