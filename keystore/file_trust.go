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
// that were ever written is the current one, so nobody but the owner may put one in place. Access control lists need no
// look of their own: what they allow anyone besides the owner shows in the group's bits.

// target returns the file that the path leads to. Every link on the way stands in a place that others cannot change.
func (f *File) target() (string, error) {
	chain, err := durable.Follow(f.fs, f.path)
	if err != nil {
		return "", err
	}
	last := len(chain) - 1
	for _, link := range chain[:last] {
		info, err := f.fs.Lstat(link)
		if err != nil {
			return "", err
		}
		if err := f.trustPlace(link, info.Owner); err != nil {
			return "", err
		}
	}
	// Nothing may stand there yet. What does is looked at once it is open.
	return chain[last], f.trustPlace(chain[last], durable.Owner{User: f.fs.User()})
}

// trustPlace reports an error if others than the owner of the file at name could put another one in its place.
func (f *File) trustPlace(name string, owner durable.Owner) error {
	dir := filepath.Dir(name)
	info, err := f.fs.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w in %s: there is no such directory", ErrNotFound, dir)
	}
	if err != nil {
		return err
	}
	who := othersWrite(info)
	if who == "" {
		return nil
	}
	if info.Mode&fs.ModeSticky == 0 {
		return fmt.Errorf("directory %s can be changed by %s (mode %04o): chmod go-w %s", dir, who, info.Mode.Perm(), shell.Path(dir))
	}
	// In a sticky directory, as /tmp is, everybody may add files, but not replace those of another user.
	if owner.User == 0 || owner.User == f.fs.User() {
		return nil
	}
	return fmt.Errorf("%s belongs to user %d, and everybody may add files to %s: use a directory of your own", name, owner.User, dir)
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
