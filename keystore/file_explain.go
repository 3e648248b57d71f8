package keystore

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/internal/shell"
)

// explain adds to an error of a writer what it means and what helps.
func (f *File) explain(target string, err error) error {
	dir := filepath.Dir(target)
	var attr *durable.AttrError
	switch {
	case err == nil, errors.As(err, &attr), errors.Is(err, ErrOutcomeUnknown):
		return err
	case errors.Is(err, syscall.EXDEV), errors.Is(err, syscall.EBUSY):
		return fmt.Errorf("%w: the file is a mount point, as a bind-mounted single file is, and cannot be replaced: "+
			"mount its directory instead", err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: free some space in %s; the keystore is as it was", err, dir)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: reading is all that is possible here", err)
	case errors.Is(err, fs.ErrPermission):
		return f.explainPermission(target, err)
	}
	return err
}

// explainPermission tells apart the three reasons for which a writer is denied something.
func (f *File) explainPermission(target string, err error) error {
	info, statErr := f.fs.Lstat(target)
	if statErr != nil {
		return fmt.Errorf("%w: directory %s must be writable", err, filepath.Dir(target))
	}
	lock, statErr := f.fs.Lstat(target + lockSuffix)
	switch {
	case info.Owner.User != f.fs.User():
		return notOwner(info, err)
	case statErr == nil && lock.Owner.User != info.Owner.User:
		return fmt.Errorf("%w: the lock file must belong to the keystore's owner: sudo chown %d:%d %s",
			err, info.Owner.User, info.Owner.Group, shell.Path(target+lockSuffix))
	}
	return fmt.Errorf("%w: directory %s must be writable", err, filepath.Dir(target))
}

// explainUnreadable adds to an error of a reader who is not allowed to read what helps.
func (f *File) explainUnreadable(target string, err error) error {
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	info, statErr := f.fs.Lstat(target)
	switch {
	case statErr != nil:
		return fmt.Errorf("%w: a directory on the way lets this user not pass; run: namei -l %s", err, shell.Path(target))
	case info.Owner.User != f.fs.User():
		return notOwner(info, err)
	}
	return fmt.Errorf("%w; run: chmod u+r %s", err, shell.Path(target))
}

func notOwner(info durable.Info, err error) error {
	return fmt.Errorf("%w: run the same command as the keystore's owner: %s", err, durable.Sudo(info.Owner))
}
