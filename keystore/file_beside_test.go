package keystore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/internal/faultfs"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/keystore/storetest"
)

// A side file is a store like any other, beside a keystore and without one.
func TestSideFileIsAStore(t *testing.T) {
	for _, withKeystore := range []bool{false, true} {
		storetest.Run(t, storetest.Harness{
			New: func(t *testing.T) keystore.Store {
				main := keystore.NewFile(filepath.Join(t.TempDir(), "ks"))
				if withKeystore {
					mustDo(t, main.Write(t.Context(), keystore.Digest{}, gen(1)))
				}
				return main.Beside(".wear")
			},
			Again: func(t *testing.T, s keystore.Store) keystore.Store {
				return keystore.NewFile(strings.TrimSuffix(s.(*keystore.File).Path(), ".wear")).Beside(".wear")
			},
		})
	}
}

func TestSideFileKeepsNoPrevious(t *testing.T) {
	disk := diskAt(1)
	side := keystore.NewFileFS("/d/ks", disk.Process()).Beside(".wear")
	for i := range 3 {
		prev := keystore.Digest{}
		if i > 0 {
			prev = genDigest(i)
		}
		mustDo(t, side.Write(t.Context(), prev, gen(i+1)))
	}
	if got, want := disk.Names("/d"), []string{"ks", "ks.lock", "ks.wear", "ks.wear.lock"}; !slices.Equal(got, want) {
		t.Errorf("the directory holds %v, want %v", got, want)
	}
}

// What the operator chose for the keystore is right for what is beside it.
func TestSideFileHasTheModeOfTheKeystore(t *testing.T) {
	for _, mode := range []os.FileMode{0o600, 0o640} {
		path := filepath.Join(t.TempDir(), "ks")
		main := keystore.NewFile(path)
		mustDo(t, main.Write(t.Context(), keystore.Digest{}, gen(1)), os.Chmod(path, mode))
		mustDo(t, main.Beside(".wear").Write(t.Context(), keystore.Digest{}, gen(2)))
		info, err := durable.OS{}.Stat(path + ".wear")
		if want, _ := (durable.OS{}).Stat(path); err != nil || info.Attr() != want.Attr() {
			t.Errorf("the side file has %+v, %v, want %+v as the keystore", info.Attr(), err, want.Attr())
		}
	}
}

func TestSetAside(t *testing.T) {
	disk := diskAt(1)
	side := keystore.NewFileFS("/d/ks", disk.Process()).Beside(".wear")
	mustDo(t, side.Write(t.Context(), keystore.Digest{}, gen(2)))
	for _, other := range []keystore.Digest{{}, genDigest(1)} {
		_, err := side.SetAside(t.Context(), other)
		if !errors.Is(err, keystore.ErrConflict) || !strings.HasPrefix(err.Error(), "keystore: set aside /d/ks.wear: ") {
			t.Errorf("SetAside of another content = %v, want ErrConflict", err)
		}
	}
	where, err := side.SetAside(t.Context(), genDigest(2))
	if want := "/d/ks.wear.damaged-" + genDigest(2).String()[:8]; err != nil || where != want {
		t.Fatalf("SetAside = %s, %v, want %s", where, err, want)
	}
	if _, err := side.Read(t.Context()); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("then Read = %v, want ErrNotFound", err)
	}
	if n, err := genOf(keystore.NewFileFS(where, disk.Process()).Read(t.Context())); err != nil || n != 2 {
		t.Errorf("what was set aside is generation %d, %v, want 2", n, err)
	}
	_, err = side.SetAside(t.Context(), genDigest(2))
	if !errors.Is(err, keystore.ErrConflict) {
		t.Errorf("SetAside of nothing = %v, want ErrConflict", err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := side.SetAside(canceled, genDigest(2)); !errors.Is(err, context.Canceled) {
		t.Errorf("SetAside without time = %v", err)
	}
}

// However the power is cut while a side file is set aside, its bytes are under one of the two names.
func TestCrashWhileSettingAside(t *testing.T) {
	disk := diskAt(1)
	mustDo(t, keystore.NewFileFS("/d/ks", disk.Process()).Beside(".wear").Write(t.Context(), keystore.Digest{}, gen(2)))
	disk.Settle()
	start := func(done *bool) faultfs.Case {
		return faultfs.Case{
			Run: func(p *faultfs.Process) {
				_, err := keystore.NewFileFS("/d/ks", p).Beside(".wear").SetAside(context.Background(), genDigest(2))
				*done = err == nil
			},
			Check: func(d *faultfs.Disk) error {
				old, oldErr := genOf(keystore.NewFileFS("/d/ks.wear", d.Process()).Read(context.Background()))
				aside, asideErr := genOf(keystore.NewFileFS("/d/ks.wear.damaged-"+genDigest(2).String()[:8], d.Process()).Read(context.Background()))
				if old+aside != 2 || *done && aside != 2 { // no file is generation 0
					return errors.Join(errors.New("not under exactly one name"), oldErr, asideErr)
				}
				return nil
			},
		}
	}
	report := faultfs.Crashes(disk, func() faultfs.Case { return start(new(bool)) })
	t.Log(report)
	if report.Failures != 0 || report.Reboots < report.Ops {
		t.Error(report, report.First)
	}
}
