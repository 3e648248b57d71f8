package keyring

import (
	"context"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// Rotate makes a new key and seals with it from now on. The key that was active still opens. No KEK is called: the new
// key is sealed under the root, so rotation works while every KMS is down.
//
// It returns the new key's ID once the keystore with the new key has been written and read back. If the error is
// keystore.ErrOutcomeUnknown the ring goes on with the old key; its next refresh settles which one holds.
func (r *Ring) Rotate(ctx context.Context) (keystore.ID, error) {
	var id keystore.ID
	_, err := r.commit(ctx, func(next *keystore.Contents, held *root) (*root, error) {
		if !r.canReadBack(next) {
			return nil, fmt.Errorf("%w: no active KEK of this ring has been seen to open the keystore, "+
				"so it is not known who could open the new key after a restart: run 'keyring rewrap'", ErrNoKEK)
		}
		k := newKey(held, next.Written)
		activate(next, k, next.Written)
		id = k.ID
		return held, nil
	}, nil)
	if err != nil {
		return keystore.ID{}, fmt.Errorf("keyring: rotate: %w", err)
	}
	return id, nil
}

// activate adds k to c as the active key and retires the one that was.
func activate(c *keystore.Contents, k keystore.Key, now time.Time) {
	if old := c.Active(); old != nil {
		old.State = keystore.Retired
		old.Retired = now
	}
	k.State = keystore.Active
	k.Activated = now
	c.Keys = append(c.Keys, k)
}
