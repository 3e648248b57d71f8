package keyring

import (
	"context"
	"fmt"

	"github.com/sealwax/sealwax/keystore"
)

// Rotate makes a new key and seals with it from now on. The key that was active still opens. No KEK is called: the new
// key is sealed under the root, so rotation works while every KMS is down.
//
// It returns the new key's ID once the keystore with the new key active has been written and read back. If the error is
// keystore.ErrOutcomeUnknown the ring goes on with the old key; its next refresh settles which one holds.
//
// With Options.Readers above 1 it first prepublishes the key, waits until every other process can have seen it, twice
// the RefreshInterval, and then activates it, so that none of them meets a message of a key that it does not know. A
// negative interval counts as the default, 30 s, which then must be the longest of the others. That another process
// activates the key meanwhile, or even the one after it, is as good. If ctx ends or the ring is closed during the wait,
// or the second write fails, the error says so, and the key stays prepublished: [Ring.Maintain] of any process
// activates it at the time that the error names, and [Ring.Activate] when you like.
func (r *Ring) Rotate(ctx context.Context) (keystore.ID, error) {
	rotate := r.rotateAtOnce
	if r.opts.Readers > 1 {
		rotate = r.rotateVisibly
	}
	id, err := rotate(ctx)
	if err != nil {
		return keystore.ID{}, fmt.Errorf("keyring: rotate: %w", err)
	}
	return id, nil
}

func (r *Ring) rotateAtOnce(ctx context.Context) (id keystore.ID, err error) {
	err = r.amend(ctx, func(next *keystore.Contents, held *root) error {
		k, err := r.addKey(next, held)
		if err != nil {
			return err
		}
		id = k.ID
		return succeed(next, k, next.Written)
	})
	return id, err
}

// addKey adds a new key to next, prepublished and without a plan. What it returns is in next.
func (r *Ring) addKey(next *keystore.Contents, held *root) (*keystore.Key, error) {
	if !r.canReadBack(next) {
		return nil, fmt.Errorf("%w: no active KEK of this ring has been seen to open the keystore, "+
			"so it is not known who could open the new key after a restart: run 'keyring rewrap'", ErrNoKEK)
	}
	pairs, err := r.takePairs(next)
	if err != nil {
		return nil, err
	}
	next.Keys = append(next.Keys, newKey(held, next.Written, pairs))
	return &next.Keys[len(next.Keys)-1], nil
}
