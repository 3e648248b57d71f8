package durable

import (
	"io"
	"io/fs"
	"time"
)

// FS is the few calls that durable files are made of. Errors are those of package os: test them with errors.Is.
// All methods may be called concurrently.
type FS interface {
	// Open opens a file for reading. It follows no symbolic link in the place of the file, see [Follow], and does not wait for
	// the other end of a named pipe.
	Open(name string) (File, error)
	// Create makes a file that must not exist yet and opens it for writing.
	Create(name string, mode fs.FileMode) (File, error)
	// Rename gives a file another name in the same directory, in place of the file that had it.
	Rename(from, to string) error
	// Link gives a file a second name, which must not exist yet.
	Link(name, second string) error
	Remove(name string) error

	// Stat follows symbolic links, Lstat does not.
	Stat(name string) (Info, error)
	Lstat(name string) (Info, error)
	// Readlink returns the path that a symbolic link leads to. A relative target is joined to the real directory of the link.
	Readlink(name string) (string, error)
	// ReadDir returns the names in a directory.
	ReadDir(name string) ([]string, error)

	// SyncDir returns once the names in a directory, and what they stand for, survive a power cut. Read permission will do.
	SyncDir(name string) error
	// User returns the user that the process acts as, -1 where files have no owners.
	User() int
}

// File is an open file.
type File interface {
	io.ReadWriteCloser
	Stat() (Info, error)
	Chown(Owner) error
	Chmod(fs.FileMode) error
	// Chtimes sets when the file was last modified, to the nanosecond. On macOS to the microsecond.
	Chtimes(modified time.Time) error
	// Sync returns once the content survives a power cut. It works on a file opened for reading too.
	Sync() error
}

// Owner is a user and a group by number, both -1 where files have no owners.
type Owner struct{ User, Group int }

// Info is what stat says about a file. What a system does not tell is zero there.
type Info struct {
	Mode     fs.FileMode
	Owner    Owner
	Size     int64
	Device   uint64
	Inode    uint64
	Modified time.Time
	Changed  time.Time // of the inode
}

// Attr returns what a replacement of the file has to keep.
func (i Info) Attr() Attr { return Attr{i.Mode.Perm(), i.Owner} }

// Attr is who may do what with a file. Access control lists and labels are not in it: a new file gets the directory's.
type Attr struct {
	Mode  fs.FileMode // permission bits only
	Owner Owner
}
