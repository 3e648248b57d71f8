package durable

import (
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// OS is the FS of the operating system.
type OS struct{}

var _ FS = OS{}

// Open opens a file for reading.
func (OS) Open(name string) (File, error) {
	f, err := os.OpenFile(name, openFlags|noFollow, 0)
	if err != nil {
		return nil, err
	}
	return osFile{f, true}, nil
}

// Create makes a new file and opens it for writing.
func (OS) Create(name string, mode fs.FileMode) (File, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, err
	}
	return osFile{f, false}, nil
}

// Rename renames a file, replacing the one that had the name.
func (OS) Rename(from, to string) error { return rename(from, to) }

// Link makes a hard link.
func (OS) Link(name, second string) error { return os.Link(name, second) }

// Remove removes a file.
func (OS) Remove(name string) error { return os.Remove(name) }

// Stat describes the file that name leads to.
func (OS) Stat(name string) (Info, error) { return infoOf(os.Stat(name)) }

// Lstat describes name itself.
func (OS) Lstat(name string) (Info, error) { return infoOf(os.Lstat(name)) }

// Readlink returns where a symbolic link leads.
func (OS) Readlink(name string) (string, error) {
	target, err := os.Readlink(name)
	if err != nil {
		return "", err
	}
	if !filepath.IsAbs(target) {
		// Not filepath.Join: it would drop "x/.." by its letters, but x may be a link itself and lead elsewhere.
		target = filepath.Dir(name) + string(filepath.Separator) + target
	}
	dir, base := filepath.Split(target)
	dir, err = filepath.EvalSymlinks(dir)
	return filepath.Join(dir, base), err
}

// ReadDir returns the names in a directory, sorted.
func (OS) ReadDir(name string) ([]string, error) {
	entries, err := os.ReadDir(name)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

// SyncDir syncs a directory.
func (OS) SyncDir(name string) error { return syncDir(name) }

// User returns the effective user.
func (OS) User() int { return os.Geteuid() }

type osFile struct {
	*os.File
	reading bool
}

func (f osFile) Stat() (Info, error) { return infoOf(f.File.Stat()) }

func (f osFile) Chown(o Owner) error { return f.File.Chown(o.User, o.Group) }

func (f osFile) Chtimes(modified time.Time) error {
	return os.NewSyscallError("set the time of "+f.Name(), chtimes(f.File, modified))
}

func (f osFile) Sync() error {
	if f.reading {
		return syncReadOnly(f.File)
	}
	return f.File.Sync()
}

func infoOf(fi os.FileInfo, err error) (Info, error) {
	if err != nil {
		return Info{}, err
	}
	info := Info{Mode: fi.Mode(), Owner: Owner{-1, -1}, Size: fi.Size(), Modified: fi.ModTime()}
	fillInfo(&info, fi.Sys())
	return info, nil
}
