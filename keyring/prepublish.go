package keyring

import (
	"context"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// Prepublish makes a new key that everybody who reads the keystore can know of before it seals anything: its
// verification keys are in the JWKS at once. At the time at, in whole seconds, [Ring.Maintain] makes it the active one,
// of whichever process; with the zero time only [Ring.Activate] does. No KEK is called.
func (r *Ring) Prepublish(ctx context.Context, at time.Time) (keystore.ID, error) {
	var id keystore.ID
	_, err := r.commit(ctx, func(next *keystore.Contents, held *root) (*root, error) {
		k, err := r.addKey(next, held)
		if err != nil {
			return nil, err
		}
		id = k.ID
		return held, plan(k, at, next.Written)
	}, nil)
	if err != nil {
		return keystore.ID{}, fmt.Errorf("keyring: prepublish: %w", err)
	}
	return id, nil
}

// plan notes when k is to become active; zero is no plan.
func plan(k *keystore.Key, at, now time.Time) error {
	if at.IsZero() {
		return nil
	}
	at = at.UTC().Truncate(time.Second)
	if at.Before(now) {
		return fmt.Errorf("it was to become active on %s, and now is %s: for that there is Rotate",
			at.Format(time.RFC3339), now.Format(time.RFC3339))
	}
	k.Activates = at
	return nil
}
