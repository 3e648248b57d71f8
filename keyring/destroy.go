package keyring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/internal/plural"
	"github.com/sealwax/sealwax/keystore"
)

// ErrKeyInUse: a key is not destroyed while messages need it, or may.
var ErrKeyInUse = errors.New("the key may still be needed")

// Destroy removes a retired key for ever and leaves a tombstone with the census, which must have counted no message of
// the key, in at least one source, have read every record, and must have begun when nobody could still seal with it:
// later than its retirement, the keystore's lease and Options.ClockSkew. Without a lease there is no such time, and a
// key that was ever active is destroyed by force only. The store is made to let go of the generation before, which has
// the key.
//
// It ends our use of the key. An old copy of the keystore and a KEK that opens it still give it back: erasure takes a new
// root (RotateRoot), and the KEK's version destroyed at its provider.
//
// The errors are ErrKeyInUse, ErrState, ErrUnknownKey, and those of every write. If the error says that the generation
// before could not be removed, the key is destroyed all the same. Destroy of a tombstone looks at no census and writes
// nothing, but makes the store let go of that generation: so it may be called again after a crash. No KEK is called.
func (r *Ring) Destroy(ctx context.Context, id keystore.ID, n *Census) error {
	return r.destroy(ctx, id, func(c *keystore.Contents, k *keystore.Key) (*keystore.Census, error) {
		if err := r.allows(c, k, n); err != nil {
			return nil, fmt.Errorf("%w: key %s: %w", ErrKeyInUse, id, err)
		}
		return n.epitaph(id, c, false), nil
	})
}

// DestroyForced is Destroy, whatever the census counted and however early it began. The messages of the key are lost. With
// a nil census the tombstone says that nobody counted; one that is of another keystore, or not finished, is refused as by
// Destroy, since the tombstone would lie.
func (r *Ring) DestroyForced(ctx context.Context, id keystore.ID, n *Census) error {
	return r.destroy(ctx, id, func(c *keystore.Contents, k *keystore.Key) (*keystore.Census, error) {
		if n == nil {
			return &keystore.Census{Taken: c.Written, Forced: true}, nil
		}
		if err := n.check(c, r.opts.ClockSkew); err != nil {
			return nil, fmt.Errorf("%w: key %s: %w", ErrKeyInUse, id, err)
		}
		return n.epitaph(id, c, true), nil
	})
}

// destroy makes a tombstone of a key, with the census that allow returns for what the key was.
func (r *Ring) destroy(ctx context.Context, id keystore.ID, allow func(*keystore.Contents, *keystore.Key) (*keystore.Census, error)) error {
	err := r.amend(ctx, func(next *keystore.Contents, _ *root) error {
		k, err := find(next, id)
		if err != nil {
			return err
		}
		if k.State == keystore.Destroyed {
			return errNoChange
		}
		was := *k
		if err := take(k, stepDestroy, next.Written); err != nil {
			return err
		}
		k.Census, err = allow(next, &was)
		return err
	})
	if err != nil {
		return fmt.Errorf("keyring: destroy: %w", err)
	}
	if err := r.removePrevious(ctx); err != nil {
		return fmt.Errorf("keyring: destroy: key %s is destroyed, but: %w", id, err)
	}
	return nil
}

// allows reports why n does not allow the destruction of k, if it does not.
func (r *Ring) allows(c *keystore.Contents, k *keystore.Key, n *Census) error {
	if err := n.check(c, r.opts.ClockSkew); err != nil {
		return err
	}
	if left := n.Keys[k.ID]; left.Messages > 0 {
		return fmt.Errorf("the census counted %s of it, %s: run 'keyring rekey'", plural.Of(left.Messages, "message"), plural.Of(left.Bytes, "byte"))
	}
	if k.Activated.IsZero() {
		return nil // it never sealed anything
	}
	if n.Unread > 0 {
		return fmt.Errorf("the census could not read %s, which may be sealed with it: see which with 'keyring census'", plural.Of(n.Unread, "record"))
	}
	quiet, err := r.quietAfter(c, k)
	if err == nil && !n.Begun.After(quiet) {
		err = fmt.Errorf("it was retired on %s, and others may have sealed with it until %s: take the census after that",
			date(k.Retired), date(quiet))
	}
	return err
}

// quietAfter returns the last moment at which anybody can seal with k, which is retired; the zero time if nobody ever
// could. A process that read the keystore just before the key was retired seals with it until its lease runs out.
func (r *Ring) quietAfter(c *keystore.Contents, k *keystore.Key) (time.Time, error) {
	switch {
	case k.Activated.IsZero():
		return time.Time{}, nil
	case c.Lease == 0:
		return time.Time{}, errors.New("the keystore has no lease, so a process that cannot read it may go on sealing with the key for ever: " +
			"set one with 'keyring lease', restart what may not have read it since, and take the census again")
	}
	return k.Retired.Add(c.Lease + r.opts.ClockSkew), nil
}

// QuietAfter returns the last moment at which anybody can seal with a retired key: Destroy wants a census that began
// later, and there is no use in taking one before. It is the zero time of a key that never was active. The errors are
// those of Destroy, ErrKeyInUse of a keystore without a lease. It looks at what the ring holds, and does no I/O.
func (r *Ring) QuietAfter(id keystore.ID) (time.Time, error) {
	c := r.state.Load().contents
	k, err := find(c, id)
	if err != nil {
		return time.Time{}, fmt.Errorf("keyring: destroy: %w", err)
	}
	would := *k
	if err := take(&would, stepDestroy, c.Written); err != nil {
		return time.Time{}, fmt.Errorf("keyring: destroy: %w", err)
	}
	quiet, err := r.quietAfter(c, k)
	if err != nil {
		return time.Time{}, fmt.Errorf("keyring: destroy: %w: key %s: %w", ErrKeyInUse, id, err)
	}
	return quiet, nil
}
