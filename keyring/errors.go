package keyring

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sealwax/sealwax/keystore"
)

// What a caller may want to act on. Test with errors.Is; errors about the keystore itself are those of package keystore,
// errors of a KEK are [wrappers.Error].
var (
	// ErrOpen: the message is not authentic here. It was altered, or it belongs to another place than the binding says.
	// There is no telling which.
	ErrOpen = errors.New("keyring: message not authentic")
	// ErrFormat: the bytes are no message of this format.
	ErrFormat = errors.New("keyring: not a sealed message")
	// ErrUnknownKey: the ring holds no key of the ID that the message names. It may be newer than the last refresh.
	ErrUnknownKey = errors.New("keyring: unknown key")
	// ErrKeyUnusable: the ring lists the key but cannot use it.
	ErrKeyUnusable = errors.New("keyring: unusable key")
	// ErrNotProven: Verify could not try the key, since no KEK opened the root.
	ErrNotProven = errors.New("keyring: not proven: no KEK opened the root")
	// ErrKeyDestroyed: the key of the message was destroyed; nobody opens it any more.
	ErrKeyDestroyed = errors.New("keyring: key was destroyed")

	// ErrNoBinding: Seal or Open was given the zero Binding.
	ErrNoBinding = errors.New("keyring: zero binding: say with Bind where the message belongs")
	// ErrTooLarge: the plaintext is longer than one message may be.
	ErrTooLarge = errors.New("keyring: plaintext too large for one message")
	// ErrStale: the lease ran out since the last successful refresh. Opening goes on; sealing waits for a refresh.
	ErrStale = errors.New("keyring: stale: not refreshed within the lease, sealing is suspended")
	// ErrNoActiveKey: no key of the keystore is active, or the active one is unusable or marked compromised.
	ErrNoActiveKey = errors.New("keyring: no usable active key: run 'keyring list', then 'keyring rotate'")
	// ErrClosed: the ring was closed.
	ErrClosed = errors.New("keyring: ring is closed")
	// ErrReadOnly: the ring was loaded read-only and cannot write.
	ErrReadOnly = errors.New("ring is read-only")

	// ErrExists: Create found a keystore in the store. It never replaces one.
	ErrExists = errors.New("there already is a keystore")
	// ErrNoKEK: no key-encryption key of the ring is fit for what was asked.
	ErrNoKEK = errors.New("no fitting KEK")
	// ErrPinRequired: the keystore may only be opened by this KEK when its identity is pinned.
	ErrPinRequired = errors.New("identity must be pinned")
)

func errFormat(msg []byte) error {
	if len(msg) < headerSize {
		return fmt.Errorf("%w: %d bytes", ErrFormat, len(msg))
	}
	return fmt.Errorf("%w: format 0x%02x", ErrFormat, msg[0])
}

// within is an error inside another one of this package, whose prefix it does not repeat.
type within struct{ error }

func (w within) Error() string { return strings.TrimPrefix(w.error.Error(), "keyring: ") }
func (w within) Unwrap() error { return w.error }

func errUnknownKey(id keystore.ID) error { return fmt.Errorf("%w %s", ErrUnknownKey, id) }
