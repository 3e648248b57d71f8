package keyring

import (
	"context"
	"fmt"

	"github.com/sealwax/sealwax/keystore"
)

// Activate makes a prepublished key the active one now, whatever was planned, and retires the one that was active. No KEK
// is called. The errors are those of Rotate, ErrUnknownKey, and ErrState for a key that is not prepublished or is marked
// compromised.
func (r *Ring) Activate(ctx context.Context, id keystore.ID) error {
	return r.step(ctx, "activate", func(next *keystore.Contents) error {
		k, err := find(next, id)
		if err != nil {
			return err
		}
		return succeed(next, k, next.Written)
	})
}

// Withdraw retires a prepublished key that shall never become active. The errors are those of Activate.
func (r *Ring) Withdraw(ctx context.Context, id keystore.ID) error {
	return r.step(ctx, "withdraw", func(next *keystore.Contents) error {
		k, err := find(next, id)
		if err != nil {
			return err
		}
		return take(k, stepWithdraw, next.Written)
	})
}

// step writes a generation that edit makes without needing the root.
func (r *Ring) step(ctx context.Context, what string, edit func(next *keystore.Contents) error) error {
	_, err := r.commit(ctx, func(next *keystore.Contents, held *root) (*root, error) {
		return held, edit(next)
	}, nil)
	if err != nil {
		return fmt.Errorf("keyring: %s: %w", what, err)
	}
	return nil
}
