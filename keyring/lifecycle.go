package keyring

import (
	"errors"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// A step is what can happen to one key.
type step string

const (
	stepActivate  step = "activate"         // it seals from now on
	stepSupersede step = "supersede"        // another key is activated
	stepWithdraw  step = "withdraw"         // it shall never be active
	stepMark      step = "mark compromised" // somebody else may have it
	stepDestroy   step = "destroy"          // nothing is left of it but a tombstone
)

// life is the life of a key, all of it: where a step leads from a state. What is not here is refused, by whoever asks.
// The same table is in docs/format.md, and a test holds that it is.
//
// An active key is left by its successor's activation only, so there always is exactly one. To mark it is therefore two
// steps: it is superseded, and then marked.
var life = map[keystore.State]map[step]keystore.State{
	keystore.Prepublished: {
		stepActivate: keystore.Active,
		stepWithdraw: keystore.Retired,
		stepMark:     keystore.Retired,
	},
	keystore.Active: {
		stepSupersede: keystore.Retired,
	},
	keystore.Retired: {
		stepMark:    keystore.Retired,
		stepDestroy: keystore.Destroyed,
	},
	keystore.Destroyed: {
		stepMark: keystore.Destroyed,
	},
}

// ErrState: a key is not in the state for what was asked.
var ErrState = errors.New("the key's state does not allow it")

// take takes k one step further, at the time now. It refuses what life does not have.
func take(k *keystore.Key, s step, now time.Time) error {
	next, ok := life[k.State][s]
	if !ok {
		return fmt.Errorf("%w: key %s is %s: %s", ErrState, k.ID, k.State, hints[k.State][s])
	}
	if s == stepActivate && k.Compromised {
		return fmt.Errorf("%w: key %s is marked compromised, and such a key seals nothing", ErrState, k.ID)
	}
	if next != k.State {
		enter(k, next, now)
	}
	k.Compromised = k.Compromised || s == stepMark
	return nil
}

// enter puts k into a state, with the times that the format wants there.
func enter(k *keystore.Key, next keystore.State, now time.Time) {
	k.State, k.Activates = next, time.Time{}
	switch next {
	case keystore.Active:
		k.Activated = now
	case keystore.Retired:
		k.Retired = now
	case keystore.Destroyed:
		k.Destroyed, k.SealedDEK, k.Signing = now, nil, nil
	}
}

// hints say what an operator does instead of a step that is refused.
var hints = map[keystore.State]map[step]string{
	keystore.Prepublished: {
		stepSupersede: "it was never active",
		stepDestroy:   "withdraw it first, with 'keyring withdraw'",
	},
	keystore.Active: {
		stepActivate: "there is nothing to do",
		stepWithdraw: "make another one active, with 'keyring rotate'",
		stepMark:     "make another one active, with 'keyring rotate'",
		stepDestroy:  "make another one active, with 'keyring rotate', and move what it sealed to that one, with 'keyring rekey'",
	},
	keystore.Retired: {
		stepActivate:  "what was retired does not come back; make a new key, with 'keyring rotate'",
		stepSupersede: "it is not active",
		stepWithdraw:  "there is nothing to do",
	},
	keystore.Destroyed: {
		stepActivate:  "make a new key, with 'keyring rotate'",
		stepSupersede: "it is not active",
		stepWithdraw:  "there is nothing to do",
		stepDestroy:   "there is nothing to do",
	},
}

// succeed makes k, which is prepublished, the active key of c, and retires the one that was.
func succeed(c *keystore.Contents, k *keystore.Key, now time.Time) error {
	old := c.Active()
	if err := take(k, stepActivate, now); err != nil {
		return err
	}
	if old == nil {
		return nil
	}
	return take(old, stepSupersede, now)
}

// find returns the key of c with this ID, or an error.
func find(c *keystore.Contents, id keystore.ID) (*keystore.Key, error) {
	k := c.Find(id)
	if k == nil {
		return nil, fmt.Errorf("%w: look with 'keyring list'", within{errUnknownKey(id)})
	}
	return k, nil
}
