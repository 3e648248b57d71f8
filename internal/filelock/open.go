package filelock

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/internal/shell"
)

// open opens the lock file, which it makes if need be.
func open(path string, owner durable.Owner) (*os.File, error) {
	f, err := os.OpenFile(path, openFlags|os.O_CREATE, 0o600)
	if errors.Is(err, syscall.ELOOP) {
		return nil, strange(path, "a symbolic link")
	}
	if err != nil {
		return nil, err
	}
	if err := check(f, owner); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// check refuses what no writer has made. A second name would be another file's that root must not give away.
func check(f *os.File, owner durable.Owner) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	have, links := inode(info)
	switch {
	case !info.Mode().IsRegular():
		return strange(f.Name(), "not a regular file")
	case info.Size() != 0:
		return strange(f.Name(), "not empty")
	case links > 1:
		return strange(f.Name(), "a file with more names than this one")
	}
	if err := trust(f.Name(), have, owner); err != nil {
		return err
	}
	if have.User != 0 || user() != 0 || owner == durable.Unowned || have == owner {
		return nil
	}
	if err := f.Chown(owner.User, owner.Group); err != nil {
		return &durable.AttrError{Path: f.Name(), Want: durable.Attr{Mode: info.Mode().Perm(), Owner: owner}, User: user(), Err: err}
	}
	return nil
}

// trust refuses a lock file of somebody who has no business here, as in a directory where everybody may make files: they
// could keep every writer waiting. The owner of the directory can do that in any case.
func trust(path string, have, owner durable.Owner) error {
	dir, err := durable.OS{}.Stat(filepath.Dir(path))
	if err != nil {
		return err
	}
	switch have.User {
	case 0, user(), owner.User, dir.Owner.User:
		return nil
	}
	return strange(path, fmt.Sprintf("a file of user %d", have.User))
}

func user() int { return durable.OS{}.User() }

func strange(path, what string) error {
	return fmt.Errorf("%s is %s, which no writer made: look at it, then: rm %s", path, what, shell.Path(path))
}
