package keyring

import (
	"context"
	"fmt"

	"github.com/sealwax/sealwax/keystore"
)

// Withdraw retires a prepublished key that shall never become active. No KEK is called. The errors are those of every
// write, ErrUnknownKey, and ErrState for a key that is not prepublished.
func (r *Ring) Withdraw(ctx context.Context, id keystore.ID) error {
	err := r.amend(ctx, func(next *keystore.Contents, _ *root) error {
		k, err := find(next, id)
		if err != nil {
			return err
		}
		return take(k, stepWithdraw, next.Written)
	})
	if err != nil {
		return fmt.Errorf("keyring: withdraw: %w", err)
	}
	return nil
}
