package durable

import (
	"errors"
	"fmt"
)

// An AttrError says that a replacement cannot have the owner, group and mode of the file that it would replace.
type AttrError struct {
	Path string
	Want Attr
	User int // who tried
	Err  error
}

// Error names both users and the command that works.
func (e *AttrError) Error() string {
	return fmt.Sprintf("as user %d, cannot keep owner %d:%d and mode %04o of %s: %v; run the same command as its owner: %s",
		e.User, e.Want.Owner.User, e.Want.Owner.Group, e.Want.Mode, e.Path, e.Err, Sudo(e.Want.Owner))
}

// Unwrap returns the cause.
func (e *AttrError) Unwrap() error { return e.Err }

// Sudo returns the beginning of a shell command that runs the rest of it as another user.
func Sudo(o Owner) string { return fmt.Sprintf("sudo -u '#%d' -g '#%d' …", o.User, o.Group) }

// setAttr gives f owner, group and mode, and looks whether it has them: some network file systems report success and
// do nothing.
func setAttr(f File, path string, keep Attr) error {
	have, err := f.Stat()
	if err != nil || have.Owner == Unowned {
		return err
	}
	if keep.Owner == Unowned {
		keep.Owner = have.Owner
	}
	fail := func(err error) error { return &AttrError{path, keep, have.Owner.User, err} }
	if have.Owner != keep.Owner {
		if err := f.Chown(keep.Owner); err != nil {
			return fail(err)
		}
	}
	if err := f.Chmod(keep.Mode); err != nil {
		return fail(err)
	}
	if have, err = f.Stat(); err != nil {
		return err
	}
	if have.Attr() != keep {
		return fail(errors.New("the file system ignored the change"))
	}
	return nil
}
