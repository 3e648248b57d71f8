package keyring

import (
	"context"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// Prepublish makes a new key that everybody who reads the keystore can know of before it seals anything: its
// verification keys are in the JWKS at once. At the time at, in whole seconds, [Ring.Maintain] makes it the active one,
// of whichever process, unless signing would lose an algorithm of Options.Signing by that, because this ring's have others;
// with the zero time only [Ring.Activate] does. No KEK is called. The errors are those of Rotate, and
// one for a time that has passed.
func (r *Ring) Prepublish(ctx context.Context, at time.Time) (keystore.ID, error) {
	id, _, err := r.publish(ctx, func(time.Time) time.Time { return at })
	if err != nil {
		return keystore.ID{}, fmt.Errorf("keyring: prepublish: %w", err)
	}
	return id, nil
}

// publish writes a new key, prepublished, which is to become active at the time that when returns for the time of the
// write.
func (r *Ring) publish(ctx context.Context, when func(now time.Time) time.Time) (id keystore.ID, planned time.Time, err error) {
	err = r.amend(ctx, func(next *keystore.Contents, held *root) error {
		k, err := r.addKey(next, held)
		if err != nil {
			return err
		}
		if err := plan(k, when(next.Written), next.Written); err != nil {
			return err
		}
		id, planned = k.ID, k.Activates
		return nil
	})
	return id, planned, err
}

// plan notes when k is to become active; zero is no plan.
func plan(k *keystore.Key, at, now time.Time) error {
	if at.IsZero() {
		return nil
	}
	at = at.UTC().Truncate(time.Second)
	if at.Before(now) {
		return fmt.Errorf("it was to become active on %s, and now is %s: for that there is 'keyring rotate'", date(at), date(now))
	}
	k.Activates = at
	return nil
}

// lastDate is the last time that the format has. A clock that was wrong may have left it in the keystore, and then it is
// that of every later write.
var lastDate = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// plannable returns t, or lastDate if that is earlier: no clock shall keep a key from being made.
func plannable(t time.Time) time.Time {
	if t.After(lastDate) {
		return lastDate
	}
	return t
}
