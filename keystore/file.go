package keystore

import (
	"context"
	"path/filepath"
	"sync/atomic"

	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/internal/filelock"
)

// File is a Store in one file. Beside it stand, with the same owner:
//
//	PATH        the current generation, mode 0600 unless the operator chose another one
//	PATH.lock   empty; locked while a writer is at work, never removed
//	PATH.prev   the generation before, until [File.RemovePrevious]
//	PATH.tmp-…  what a killed writer left; the next one removes it
//
// Reading needs neither the lock nor write permission, so a read-only mount will do. Writing replaces the file, so its
// directory has to be writable: mount a directory, not a single file, into a container.
//
// File refuses a keystore that others than its owner can write, or could replace: its directory has to belong to root, to
// the keystore's owner or to the process's user, and be writable by nobody else. In a sticky directory, as /tmp is,
// keystore, lock and previous generation have to belong to root or the process's user. If PATH is a symbolic link, all the
// above is true of the file that it leads to, beside which the others stand; the link, and its directory, have to belong
// to one of the three users as well. File does not look at the directories above these: whoever can rename them can put
// another keystore in place.
//
// On Windows permissions are not checked, and a reader cannot wait until what it reads is durable.
type File struct {
	path string
	fs   files
	main string // the keystore that this is a side file of; "" for a keystore

	settled atomic.Pointer[settled] // what the latest Write of this File left; nil: nothing
}

var (
	_ Store           = (*File)(nil)
	_ Stamper         = (*File)(nil)
	_ PreviousRemover = (*File)(nil)
	_ SetAsider       = (*File)(nil)
)

// NewFile returns the store in the file at path. It does no I/O: neither the file nor its directory need to exist yet.
func NewFile(path string) *File { return &File{path: filepath.Clean(path), fs: osFiles{}} }

// Path returns the path of the file as it was given.
func (f *File) Path() string { return f.path }

// PreviousPath returns the path at which Write keeps the generation before the current one.
func (f *File) PreviousPath() string {
	chain, err := durable.Follow(f.fs, f.path)
	if err != nil {
		return f.path + prevSuffix
	}
	return chain[len(chain)-1] + prevSuffix
}

const (
	lockSuffix = ".lock"
	prevSuffix = ".prev"
)

// files is what a File needs of its operating system. Crash tests put another one in its place.
type files interface {
	durable.FS
	// Lock waits for the lock file at path, which root gives to owner.
	Lock(ctx context.Context, path string, owner durable.Owner) (unlock func(), err error)
}

type osFiles struct{ durable.OS }

func (osFiles) Lock(ctx context.Context, path string, owner durable.Owner) (unlock func(), err error) {
	return filelock.LockFor(ctx, path, owner)
}
