package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// proc has no fsync, as squashfs has none. Nobody can lose anything there.
func TestSyncWhereThereIsNone(t *testing.T) {
	if err := (OS{}).SyncDir("/proc"); err != nil {
		t.Errorf("SyncDir(/proc) = %v, want nil", err)
	}
	f, err := OS{}.Open("/proc/self/status")
	mustDo(t, err)
	defer f.Close()
	if err := f.Sync(); err != nil {
		t.Errorf("Sync of a file in /proc = %v, want nil", err)
	}
	if err := (OS{}).SyncDir("/proc/self/status"); !errors.Is(err, unix.ENOTDIR) {
		t.Errorf("SyncDir of a file = %v, want ENOTDIR", err)
	}
	if err := (OS{}).SyncDir(t.TempDir() + "/missing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("SyncDir of nothing = %v, want fs.ErrNotExist", err)
	}
}

func TestOpenFollowsNoLink(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	mustDo(t, os.WriteFile(path, nil, 0o600), os.Symlink(path, path+".link"))
	if _, err := (OS{}).Open(path + ".link"); !errors.Is(err, unix.ELOOP) {
		t.Errorf("Open of a symbolic link = %v, want ELOOP", err)
	}
}

func TestInfoIsWhatStatSays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	f, err := OS{}.Create(path, 0o640)
	mustDo(t, err)
	_, err = f.Write([]byte("four"))
	mustDo(t, err, f.Chtimes(time.Unix(5, 6)), f.Close())
	info, err := OS{}.Lstat(path)
	mustDo(t, err)
	var st unix.Stat_t
	mustDo(t, unix.Lstat(path, &st))
	want := Info{
		Mode: 0o640, Owner: Owner{int(st.Uid), int(st.Gid)}, Size: 4, Device: st.Dev, Inode: st.Ino,
		Modified: time.Unix(5, 6), Changed: time.Unix(st.Ctim.Unix()),
	}
	if info != want {
		t.Errorf("Lstat = %+v, want %+v", info, want)
	}
}
