package census

import (
	"errors"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
)

// Unopenable is a record that does not open.
type Unopenable struct {
	Where string      // the source, and the place in it
	KeyID keystore.ID // which the message names; zero if there is none
	Cause Cause
	Err   error
}

// Cause is why a record does not open.
type Cause string

const (
	CauseUnreadable   Cause = "unreadable"    // nobody knows what is there
	CauseNoMessage    Cause = "no message"    // it was read, and is none
	CauseUnknownKey   Cause = "unknown key"   // the keystore does not have the key
	CauseDestroyedKey Cause = "destroyed key" // it had
	CauseUnusableKey  Cause = "unusable key"  // it has, and the key does not open
	CauseNotAuthentic Cause = "not authentic" // the message was altered, or sealed for another place
)

// causeOf returns the cause of an error of Open, or of a record.
func causeOf(err error) Cause {
	for _, c := range []struct {
		err   error
		cause Cause
	}{
		{source.ErrNoMessage, CauseNoMessage},
		{keyring.ErrFormat, CauseNoMessage},
		{keyring.ErrUnknownKey, CauseUnknownKey},
		{keyring.ErrKeyDestroyed, CauseDestroyedKey},
		{keyring.ErrKeyUnusable, CauseUnusableKey},
		{keyring.ErrOpen, CauseNotAuthentic},
	} {
		if errors.Is(err, c.err) {
			return c.cause
		}
	}
	return CauseUnreadable
}
