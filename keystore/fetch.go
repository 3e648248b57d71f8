package keystore

import (
	"context"
	"errors"
	"fmt"
)

// Fetch reads the keystore in store and returns what it says, with its digest, once everything about it is checked:
// format, signature, and that it is the keystore that e expects. e may be nil: nothing is expected.
//
// The error of a damaged or tampered [File] names the file, and the command that brings the generation before it back
// if that one is whole.
func Fetch(ctx context.Context, store Store, e *Expect) (*Contents, Digest, error) {
	data, err := store.Read(ctx)
	if err != nil {
		return nil, Digest{}, err
	}
	c, err := Parse(data)
	if errors.Is(err, ErrDamaged) || errors.Is(err, ErrTampered) {
		return nil, Digest{}, diagnose(ctx, store, err)
	}
	if err != nil {
		return nil, Digest{}, err
	}
	digest := DigestOf(data)
	if e != nil {
		err = c.Check(digest, e)
	}
	if err != nil {
		return nil, Digest{}, err
	}
	return c, digest, nil
}

// diagnose adds to an error about the content of a file where it is and what can be done.
func diagnose(ctx context.Context, store Store, err error) error {
	f, ok := store.(*File)
	if !ok {
		return err
	}
	previous := &File{path: f.PreviousPath(), fs: f.fs}
	if data, readErr := previous.Read(ctx); readErr == nil {
		if c, parseErr := Parse(data); parseErr == nil {
			return fmt.Errorf("%w (in %s; generation %d, the one before it, is whole: cp -p %s %s)",
				err, f.path, c.Generation, previous.path, f.path)
		}
	}
	return fmt.Errorf("%w (in %s; restore it from a backup)", err, f.path)
}
