package keystore

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/internal/shell"
)

// The signature shows that a keystore was written by someone who had the root. It cannot show which of the keystores
// that were ever written is the current one, so nobody but root, the keystore's owner and the process's user may put one
// in place. Access control lists need no look of their own: what they allow anyone besides the owner shows in the group's
// bits.
//
// Looked at are the file, every symbolic link in its place, and the directory of each. The directories above these are
// the operator's to keep.

// target returns the file that the path leads to. Every link on the way stands in a place that others cannot change.
func (f *File) target() (string, error) {
	chain, err := durable.Follow(f.fs, f.path)
	if err != nil {
		return "", err
	}
	last := len(chain) - 1
	owner := f.owner(chain[last])
	if owner == durable.Unowned { // nothing stands there yet; what does is looked at again once it is open
		owner.User = f.fs.User()
	}
	for _, link := range chain[:last] {
		if err := f.trustLink(link, owner); err != nil {
			return "", err
		}
	}
	return chain[last], f.trustPlace(chain[last], owner)
}

// owner returns whose file stands at target, Unowned if there is none.
func (f *File) owner(target string) durable.Owner {
	info, err := f.fs.Lstat(target)
	if err != nil {
		return durable.Unowned
	}
	return info.Owner
}

// trustLink reports an error if others than the owner of the file that a link leads to could have it lead elsewhere: a
// service could have root write to any place.
func (f *File) trustLink(link string, owner durable.Owner) error {
	info, err := f.fs.Lstat(link)
	if err != nil {
		return err
	}
	if !f.trusted(info.Owner, owner) {
		return fmt.Errorf("symbolic link %s belongs to user %d, who can have it lead elsewhere: use the path of the file itself",
			link, info.Owner.User)
	}
	sticky, err := f.trustDir(link, owner)
	if sticky {
		return f.trustAdded(link, info.Owner)
	}
	return err
}

// trustPlace reports an error if others than the owner of the file at name could put another one in its place.
func (f *File) trustPlace(name string, owner durable.Owner) error {
	sticky, err := f.trustDir(name, owner)
	if sticky {
		return f.trustAdded(name, owner)
	}
	return err
}

// trustDir looks at the directory that name stands in. If it is sticky, everybody may add files, and the caller has to
// look at who added this one.
func (f *File) trustDir(name string, owner durable.Owner) (sticky bool, err error) {
	dir := filepath.Dir(name)
	info, err := f.fs.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("%w, nor a directory for one: %w: check the path, or make it: mkdir -p -m 700 %s", ErrNotFound, err, shell.Path(dir))
	}
	if err != nil {
		return false, err
	}
	if !f.trusted(info.Owner, owner) {
		// To take it is right where a stranger has it, to act as that user where it is the service's.
		return false, fmt.Errorf("directory %s belongs to user %d, who can replace the file: sudo chown %d %s, or run the same command "+
			"as that user: %s", dir, info.Owner.User, owner.User, shell.Path(dir), durable.Sudo(info.Owner))
	}
	who := othersWrite(info)
	if who == "" {
		return false, nil
	}
	if info.Mode&fs.ModeSticky == 0 {
		return false, fmt.Errorf("directory %s can be changed by %s (mode %04o): chmod go-w %s", dir, who, info.Mode.Perm(), shell.Path(dir))
	}
	return true, nil
}

// trustAdded looks at a file in a sticky directory, as /tmp is: everybody may add files there, but not replace those of
// another user.
func (f *File) trustAdded(name string, owner durable.Owner) error {
	if owner.User == 0 || owner.User == f.fs.User() {
		return nil
	}
	return fmt.Errorf("%s belongs to user %d, and everybody may add files to %s: use a directory of your own",
		name, owner.User, filepath.Dir(name))
}

// trustBeside looks at what a writer needs beside target. In a sticky directory somebody else may have put it there, to
// keep writers waiting or to have it taken for the previous generation.
func (f *File) trustBeside(target string) error {
	dir, err := f.fs.Stat(filepath.Dir(target))
	if err != nil || othersWrite(dir) == "" {
		return err
	}
	for _, name := range []string{target + lockSuffix, target + prevSuffix} {
		if owner := f.owner(name); owner != durable.Unowned {
			if err := f.trustAdded(name, owner); err != nil {
				return err
			}
		}
	}
	return nil
}

// trusted reports whether a user may decide what the keystore of owner is.
func (f *File) trusted(user, owner durable.Owner) bool {
	switch user.User {
	case 0, f.fs.User(), owner.User: // all -1 where files have no owners
		return true
	}
	return false
}

func trustFile(name string, info durable.Info) error {
	if who := othersWrite(info); who != "" {
		return fmt.Errorf("the file can be changed by %s (mode %04o): chmod go-w %s", who, info.Mode.Perm(), shell.Path(name))
	}
	return nil
}

// othersWrite returns who can write a file besides its owner, "" if nobody can.
func othersWrite(info durable.Info) string {
	switch {
	case info.Owner == durable.Unowned: // the mode means nothing there
		return ""
	case info.Mode&0o002 != 0:
		return "everybody"
	case info.Mode&0o020 != 0:
		return "its group"
	}
	return ""
}
