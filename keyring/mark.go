package keyring

import (
	"context"
	"fmt"

	"github.com/sealwax/sealwax/keystore"
)

// MarkCompromised notes that somebody else may have the key. It seals and signs nothing more, its verification keys leave the
// JWKS, and what it sealed is to be moved to another key, by a rekey: until then it still opens. A key that was active is
// superseded in the same write, by a new one; a prepublished one will never be active. No KEK is called.
//
// Whoever has one key may have the root: then what helps is RotateRoot and a rekey.
func (r *Ring) MarkCompromised(ctx context.Context, id keystore.ID) error {
	_, err := r.commit(ctx, func(next *keystore.Contents, held *root) (*root, error) {
		k, err := find(next, id)
		if err != nil {
			return nil, err
		}
		if k.State == keystore.Active {
			if err := r.supersede(next, held); err != nil {
				return nil, err
			}
			k = next.Find(id) // the keys have moved
		}
		return held, take(k, stepMark, next.Written)
	}, nil)
	if err != nil {
		return fmt.Errorf("keyring: mark %s as compromised: %w", id, err)
	}
	return nil
}

// supersede makes a new key the active one of next.
func (r *Ring) supersede(next *keystore.Contents, held *root) error {
	k, err := r.addKey(next, held)
	if err != nil {
		return err
	}
	return succeed(next, k, next.Written)
}
