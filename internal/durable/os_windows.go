package durable

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

const (
	openFlags = os.O_RDONLY
	noFollow  = 0
)

// rename writes the new name through to the disk, because there is no syncing of a directory afterwards.
func rename(from, to string) error {
	f, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	t, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	if err := windows.MoveFileEx(f, t, windows.MOVEFILE_REPLACE_EXISTING|windows.MOVEFILE_WRITE_THROUGH); err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}

func syncDir(name string) error {
	_, err := os.Stat(name)
	return err
}

func syncDirIn(r *os.Root, name string) error {
	_, err := r.Stat(name)
	return err
}

// syncReadOnly does nothing: FlushFileBuffers wants a handle that may write.
func syncReadOnly(*os.File) error { return nil }

func chtimes(f *os.File, modified time.Time) error {
	t := windows.NsecToFiletime(modified.UnixNano())
	return windows.SetFileTime(windows.Handle(f.Fd()), nil, nil, &t)
}

func fillInfo(*Info, any) {}

func isNoLinks(err error) bool {
	return errors.Is(err, windows.ERROR_INVALID_FUNCTION) || errors.Is(err, windows.ERROR_NOT_SUPPORTED) ||
		errors.Is(err, windows.ERROR_TOO_MANY_LINKS)
}
