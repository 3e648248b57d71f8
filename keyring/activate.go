package keyring

import (
	"context"
	"fmt"

	"github.com/sealwax/sealwax/keystore"
)

// Activate makes a prepublished key the active one now, whatever was planned, and retires the one that was active. No KEK
// is called. It does not look at Options.Readers: a process that has not read the keystore since the key was prepublished
// cannot open what it seals until it does.
//
// The errors are those of every write, ErrUnknownKey, ErrKeyUnusable, and ErrState for a key that is not prepublished or is
// marked compromised.
func (r *Ring) Activate(ctx context.Context, id keystore.ID) error {
	err := r.amend(ctx, func(next *keystore.Contents, held *root) error { return activate(next, held, id) })
	if err != nil {
		return fmt.Errorf("keyring: activate: %w", err)
	}
	return nil
}

// activate makes the key with this ID the active one of c.
func activate(c *keystore.Contents, held *root, id keystore.ID) error {
	k, err := find(c, id)
	if err != nil {
		return err
	}
	if err := succeed(c, k, c.Written); err != nil {
		return err
	}
	if err := canSeal(held, k); err != nil {
		return within{err}
	}
	return nil
}
