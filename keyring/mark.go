package keyring

import (
	"context"
	"fmt"

	"github.com/sealwax/sealwax/keystore"
)

// MarkCompromised notes that somebody else may have the key. It seals and signs nothing more, its verification keys
// leave the JWKS, and what it sealed is to be moved to another key, by a rekey: until then it still opens. A
// prepublished key will never be active. A key that was marked before is left as it is, and nothing is written. No KEK
// is called.
//
// A key that was active is superseded in the same write. Normally that is by a new key. With Options.Readers above 1 it
// is by a prepublished one, if there is one that can seal and that the others have had time to see, and else by a new
// one, at once: better that another process meets a message that it opens after its next refresh than that one more is
// sealed with a key that somebody else has.
//
// Whoever has one key may have the root: then what helps is RotateRoot and a rekey.
func (r *Ring) MarkCompromised(ctx context.Context, id keystore.ID) error {
	err := r.amend(ctx, func(next *keystore.Contents, held *root) error {
		k, err := find(next, id)
		if err != nil {
			return err
		}
		if k.Compromised && k.State >= keystore.Retired {
			return errNoChange
		}
		if k.State == keystore.Active {
			if err := r.supersede(next, held); err != nil {
				return err
			}
			k = next.Find(id) // the keys may have moved
		}
		return take(k, stepMark, next.Written)
	})
	if err != nil {
		return fmt.Errorf("keyring: mark %s as compromised: %w", id, err)
	}
	return nil
}

// supersede makes another key the active one of next, at once.
func (r *Ring) supersede(next *keystore.Contents, held *root) error {
	k := r.heir(next, held)
	if k == nil {
		fresh, err := r.addKey(next, held)
		if err != nil {
			return err
		}
		k = fresh
	}
	return succeed(next, k, next.Written)
}

// heir returns the prepublished key of c that other processes know already, nil if there is none or no other process. Of
// several it is the one that was to become active first.
func (r *Ring) heir(c *keystore.Contents, held *root) *keystore.Key {
	if r.opts.Readers <= 1 {
		return nil
	}
	policy, active := r.opts.policy(), c.Active()
	var heir *keystore.Key
	for i := range c.Keys {
		k := &c.Keys[i]
		known := !k.Created.Add(r.opts.visibility()).After(c.Written)
		fit := known && !policy.losesSigning(active, k) && canSeal(held, k) == nil
		if k.State == keystore.Prepublished && fit && (heir == nil || sooner(k, heir)) {
			heir = k
		}
	}
	return heir
}

// sooner reports whether a is planned to become active before b. A key without a plan comes last.
func sooner(a, b *keystore.Key) bool {
	return !a.Activates.IsZero() && (b.Activates.IsZero() || a.Activates.Before(b.Activates))
}
