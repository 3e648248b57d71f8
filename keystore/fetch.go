package keystore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sealwax/sealwax/internal/shell"
)

// Fetch reads the keystore in store and returns what it says, with its digest, once everything about it is checked:
// format, signature, and that it is the keystore that e expects. e may be nil: nothing is expected.
//
// An error about a [File] names the file. That of a damaged or tampered one also names the command that brings the
// generation before it back, if that one is whole.
func Fetch(ctx context.Context, store Store, e *Expect) (*Contents, Digest, error) {
	data, err := store.Read(ctx)
	if err != nil {
		return nil, Digest{}, err
	}
	c, err := Parse(data)
	if errors.Is(err, ErrDamaged) || errors.Is(err, ErrTampered) {
		return nil, Digest{}, diagnose(ctx, store, err)
	}
	digest := DigestOf(data)
	if err == nil && e != nil {
		err = c.Check(digest, e)
	}
	if err != nil {
		return nil, Digest{}, where(store, err)
	}
	return c, digest, nil
}

// where adds to an error about the content of a file which one it is.
func where(store Store, err error) error {
	if f, ok := store.(*File); ok {
		return fmt.Errorf("%w (in %s)", err, f.path)
	}
	return err
}

// diagnose adds to an error about the content of a file where it is and what can be done.
func diagnose(ctx context.Context, store Store, err error) error {
	f, ok := store.(*File)
	if !ok {
		return err
	}
	previous := &File{path: f.PreviousPath(), fs: f.fs}
	// Not the link that may lead to it: mv would take the link away, and the damaged file would stay in its place.
	target := strings.TrimSuffix(previous.path, prevSuffix)
	if data, readErr := previous.Read(ctx); readErr == nil {
		if c, parseErr := Parse(data); parseErr == nil {
			return fmt.Errorf("%w (in %s; generation %d, the one before it, is whole: mv %s %s && cp -p %s %s; "+
				"what was sealed under a newer key needs the damaged file)",
				err, f.path, c.Generation, shell.Path(target), shell.Path(target+".damaged"), shell.Path(previous.path), shell.Path(target))
		}
	}
	return fmt.Errorf("%w (in %s; restore it from a backup)", err, f.path)
}
