package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Root is the FS of one directory: names are relative to it, and none leads out of it, whoever else writes there.
type Root struct{ *os.Root }

var _ FS = Root{}

// OpenRoot opens a directory, which may be a symbolic link to one. The caller closes it.
func OpenRoot(path string) (Root, error) {
	r, err := os.OpenRoot(path)
	return Root{r}, err
}

// Sub opens a directory in r. The caller closes it.
func (r Root) Sub(name string) (Root, error) {
	sub, err := r.OpenRoot(name)
	return Root{sub}, err
}

// ErrLink: there is a symbolic link in the place of a file.
var ErrLink = errors.New("is a symbolic link")

// Open opens a file for reading. A link that somebody puts there in this very moment is followed; it does not lead out of
// the directory.
func (r Root) Open(name string) (File, error) {
	info, err := r.Root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return nil, fmt.Errorf("%s %w", name, ErrLink)
	}
	f, err := r.OpenFile(name, openFlags, 0)
	if err != nil {
		return nil, err
	}
	return osFile{f, true}, nil
}

// Create makes a new file and opens it for writing.
func (r Root) Create(name string, mode fs.FileMode) (File, error) {
	f, err := r.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, err
	}
	return osFile{f, false}, nil
}

// Exchange lets two names stand for each other's file, in one step: what is under either is seen by nobody to be missing,
// and nothing that anybody has put there is lost. Both are in this directory itself. ErrNoExchange is in the chain where
// the system or its file system cannot do that.
func (r Root) Exchange(a, b string) error {
	d, err := r.Root.Open(".")
	if err != nil {
		return err
	}
	defer d.Close() // opened for reading: nothing is lost when closing fails
	if err := exchange(int(d.Fd()), a, b); err != nil {
		return &os.LinkError{Op: "exchange", Old: a, New: b, Err: err}
	}
	return nil
}

// ErrNoExchange is in the chain of an error of [Root.Exchange] where there is no such thing.
var ErrNoExchange = errors.New("the file system cannot exchange files")

// Stat describes the file that name leads to.
func (r Root) Stat(name string) (Info, error) { return infoOf(r.Root.Stat(name)) }

// Lstat describes name itself.
func (r Root) Lstat(name string) (Info, error) { return infoOf(r.Root.Lstat(name)) }

// ReadDir returns the names in a directory, sorted.
func (r Root) ReadDir(name string) ([]string, error) {
	entries, err := fs.ReadDir(r.FS(), name)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

// SyncDir syncs a directory.
func (r Root) SyncDir(name string) error { return syncDirIn(r.Root, name) }

// User returns the effective user.
func (Root) User() int { return os.Geteuid() }
