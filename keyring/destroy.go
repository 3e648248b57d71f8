package keyring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// ErrKeyInUse: a key is not destroyed while messages need it, or may.
var ErrKeyInUse = errors.New("the key may still be needed")

// Destroy removes a retired key for ever and leaves a tombstone with the census, which must have counted no message of
// the key, in at least one source, and must have begun when nobody could still seal with it: later than its retirement,
// the keystore's lease and Options.ClockSkew. Without a lease there is no such time, and a key is destroyed by force only.
// The store is made to let go of the generation before, which has the key.
//
// It ends our use of the key. An old copy of the keystore and a KEK that opens it still give it back: erasure takes a new
// root (RotateRoot), and the KEK's version destroyed at its provider.
//
// The errors are ErrKeyInUse, ErrState, ErrUnknownKey, and those of every write. No KEK is called.
func (r *Ring) Destroy(ctx context.Context, id keystore.ID, n *Census) error {
	return r.destroy(ctx, id, func(c *keystore.Contents, k *keystore.Key) error {
		return r.allows(c, k, n)
	}, n, false)
}

// DestroyForced is Destroy, whatever the census counted; n may be nil if nobody counted. The messages of the key are lost.
func (r *Ring) DestroyForced(ctx context.Context, id keystore.ID, n *Census) error {
	return r.destroy(ctx, id, func(*keystore.Contents, *keystore.Key) error { return nil }, n, true)
}

func (r *Ring) destroy(ctx context.Context, id keystore.ID, allow func(*keystore.Contents, *keystore.Key) error, n *Census, forced bool) error {
	err := r.step(ctx, "destroy", func(next *keystore.Contents) error {
		k, err := find(next, id)
		if err != nil {
			return err
		}
		before := *k
		if err := take(k, stepDestroy, next.Written); err != nil {
			return err
		}
		k.Census = epitaph(n, id, forced, next.Written)
		if err := allow(next, &before); err != nil {
			return fmt.Errorf("%w: key %s: %w", ErrKeyInUse, id, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := r.removePrevious(ctx); err != nil {
		return fmt.Errorf("keyring: destroy: written, but: %w", err)
	}
	return nil
}

// allows reports why n does not allow the destruction of k, if it does not.
func (r *Ring) allows(c *keystore.Contents, k *keystore.Key, n *Census) error {
	switch {
	case n == nil || n.Ended.IsZero() || len(n.Sources) == 0:
		return errors.New("there is no census of the sources that may have messages of it")
	case n.Keystore != c.ID:
		return fmt.Errorf("the census is of keystore %s", n.Keystore)
	case n.Keys[k.ID].Messages > 0:
		return fmt.Errorf("%d messages, %d bytes, are sealed with it: run 'keyring rekey'", n.Keys[k.ID].Messages, n.Keys[k.ID].Bytes)
	case k.Activated.IsZero():
		return nil // it never sealed anything
	case c.Lease == 0:
		return errors.New("the keystore has no lease, so a server that cannot read it may go on sealing with the key for ever")
	}
	if quiet := k.Retired.Add(c.Lease + r.opts.ClockSkew); !n.Begun.After(quiet) {
		return fmt.Errorf("it was retired on %s, and servers may have sealed with it until %s: take the census after that",
			k.Retired.Format(time.RFC3339), quiet.Format(time.RFC3339))
	}
	return nil
}

// epitaph is the census as the tombstone has it.
func epitaph(n *Census, id keystore.ID, forced bool, now time.Time) *keystore.Census {
	if n == nil {
		return &keystore.Census{Taken: now, Forced: forced}
	}
	taken := n.Begun.UTC().Truncate(time.Second)
	if taken.After(now) {
		taken = now
	}
	count := n.Keys[id]
	return &keystore.Census{Taken: taken, Sources: uint64(len(n.Sources)), Messages: count.Messages, Bytes: count.Bytes, Forced: forced}
}
