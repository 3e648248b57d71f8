//go:build linux || darwin

package durable

import (
	"errors"
	"os"
	"runtime"
	"syscall"
	"time"
)

// O_NONBLOCK changes nothing for a regular file. Without it, opening a named pipe waits for a writer for ever.
const openFlags = os.O_RDONLY | syscall.O_NONBLOCK

// Where the links are followed one by one, a link that appears in the place of the last of them is not followed too.
const noFollow = syscall.O_NOFOLLOW

func rename(from, to string) error { return os.Rename(from, to) }

func syncDir(name string) error {
	d, err := os.OpenFile(name, openFlags|syscall.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	defer d.Close() // opened for reading: nothing is lost when closing fails
	return syncReadOnly(d)
}

func syncDirIn(r *os.Root, name string) error {
	d, err := r.OpenFile(name, openFlags|syscall.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	defer d.Close() // as above
	return syncReadOnly(d)
}

func syncReadOnly(f *os.File) error {
	err := f.Sync()
	if nothingToSync(err) {
		return nil
	}
	return err
}

// nothingToSync reports whether err says that the file system has nothing that a power cut could take: see the package
// comment for who answers what.
func nothingToSync(err error) bool {
	return errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) ||
		runtime.GOOS == "darwin" && errors.Is(err, syscall.EROFS)
}

func fillInfo(info *Info, sys any) {
	st := sys.(*syscall.Stat_t)
	info.Owner = Owner{int(st.Uid), int(st.Gid)}
	info.Device, info.Inode = uint64(st.Dev), st.Ino
	changed := changeTime(st)
	info.Changed = time.Unix(int64(changed.Sec), int64(changed.Nsec))
}

// isNoLinks reports whether err says that the file system, or its rules about whose files may be linked, has no hard
// link for us.
func isNoLinks(err error) bool {
	return errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.EOPNOTSUPP) ||
		errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.EMLINK)
}
