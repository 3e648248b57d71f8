package wrappers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
)

const (
	// MaxPlaintext is how much a KEK wraps: a root or a share with its label. 128 bytes fit every provider, also
	// those that encrypt with RSA.
	MaxPlaintext = 128
	// MaxBlob is the size of the largest blob that is stored or handed to a wrapper.
	MaxBlob = 16 << 10

	// DefaultTimeout is how long one attempt may take. The slowest healthy provider measured needs 2 s, for credentials
	// and a cold connection.
	DefaultTimeout = 10 * time.Second
	// DefaultPersonTimeout is the same for a wrapper that waits for a person.
	DefaultPersonTimeout = 5 * time.Minute
	// DefaultAttempts is how often an operation is tried while its errors are of class Later.
	DefaultAttempts = 3
)

// Options are what a config's block says about a KEK apart from its provider's own settings.
type Options struct {
	Provider string        // the label of the block: "transit"; empty is what the wrapper says is its type
	Name     string        // tells two KEKs of a provider apart; may be empty
	Group    string        // the set of KEKs that this one belongs to; empty is the default group
	Inactive bool          // may unwrap what it wrapped before, never wraps
	Timeout  time.Duration // of one attempt; 0 is DefaultTimeout, or DefaultPersonTimeout
	Attempts int           // 0 is DefaultAttempts
	Health   Health        // what an earlier process found out, from KEK.Health; zero is nothing

	// CallsPerMinute bounds the calls of the provider, retries included, in any one minute. A quarter of them may be made
	// at once. A call beyond it waits for its turn, and is refused with an error of class Later if that would take longer
	// than Timeout or the caller's context. 0 is DefaultCallsPerMinute, or no bound for an [Offliner]; a negative number
	// is no bound.
	CallsPerMinute int
}

// KEK is one configured key-encryption key. All its methods may be called concurrently; Close ends its use.
type KEK struct {
	wrapper  wrapping.Wrapper
	scheme   stored
	options  Options
	id       string
	traits   traits
	inside   *places
	budget   *budget
	record   record
	counts   counts
	closed   atomic.Bool
	closeErr func() error
}

// New returns a KEK over w, which belongs to it from now on: Close closes it. A nil o is the zero Options.
func New(w wrapping.Wrapper, o *Options) (*KEK, error) {
	if v := reflect.ValueOf(w); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, errors.New("wrappers: no wrapper given")
	}
	k := &KEK{wrapper: w, scheme: storedAs(w), inside: newPlaces(maxInside)}
	if o != nil {
		k.options = *o
		k.record.health = o.Health
	}
	var err error
	k.traits, err = guard(context.Background(), func(ctx context.Context) (traits, error) { return traitsOf(ctx, w) })
	if err != nil {
		return nil, fmt.Errorf("wrappers: ask the wrapper what it is: %w", causeOf(err, nil))
	}
	if err := k.complete(); err != nil {
		return nil, err
	}
	k.closeErr = sync.OnceValue(k.closeWrapper)
	return k, nil
}

// traits are what a wrapper says about itself. It is asked once, so that no later call can panic or change its mind.
type traits struct {
	kind                                  string
	wrapOnly, requiresPin, waitsForPerson bool
	offline                               bool
}

func traitsOf(ctx context.Context, w wrapping.Wrapper) (t traits, err error) {
	kind, err := w.Type(ctx) // a constant in every known wrapper
	if err != nil {
		return t, err
	}
	t.kind = kind.String()
	if w, ok := w.(WrapOnlyer); ok {
		t.wrapOnly = w.WrapOnly()
	}
	if w, ok := w.(PinRequirer); ok {
		t.requiresPin = w.RequiresPin()
	}
	if w, ok := w.(Offliner); ok {
		t.offline = w.Offline()
	}
	if w, ok := w.(PersonWaiter); ok {
		t.waitsForPerson = w.WaitsForPerson()
	}
	return t, nil
}

// complete turns zero options into values and refuses names that a keystore could not hold.
func (k *KEK) complete() error {
	o := &k.options
	if o.Provider == "" {
		o.Provider = k.traits.kind
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
		if k.WaitsForPerson() {
			o.Timeout = DefaultPersonTimeout
		}
	}
	if o.Attempts <= 0 {
		o.Attempts = DefaultAttempts
	}
	if o.CallsPerMinute == 0 {
		o.CallsPerMinute = DefaultCallsPerMinute
		if k.traits.offline {
			o.CallsPerMinute = -1
		}
	}
	k.budget = newBudget(o.CallsPerMinute)
	k.id = o.Provider
	if o.Name != "" {
		k.id += "." + o.Name
	}
	return checkNames(o)
}

// ID returns the name of the KEK in its config: "provider" or "provider.name".
func (k *KEK) ID() string { return k.id }

// Provider returns the provider's name.
func (k *KEK) Provider() string { return k.options.Provider }

// Group returns the group that the config puts the KEK in, "" for the default one.
func (k *KEK) Group() string { return k.options.Group }

// Active reports whether the KEK wraps. One that is not may still unwrap what it wrapped before.
func (k *KEK) Active() bool { return !k.options.Inactive }

// WrapOnly reports whether the KEK cannot unwrap here, because it holds a public key only.
func (k *KEK) WrapOnly() bool { return k.traits.wrapOnly }

// RequiresPin reports whether a keystore that this KEK opens proves nothing without a pinned identity.
func (k *KEK) RequiresPin() bool { return k.traits.requiresPin }

// WaitsForPerson reports whether the KEK may ask somebody at a terminal.
func (k *KEK) WaitsForPerson() bool { return k.traits.waitsForPerson }

// Check looks at the KEK's configuration, key files and the like, without calling the provider. A wrapper that is no
// [Checker] passes.
func (k *KEK) Check(ctx context.Context) error {
	w, ok := k.wrapper.(Checker)
	if !ok {
		return nil
	}
	_, err := attempt(ctx, k, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, w.Check(ctx)
	})
	return k.errorOf("check", "", err, nil)
}

// Close closes the wrapper, if it is an io.Closer or a wrapping.InitFinalizer, and ends the use of the KEK. Calls that
// are under way may fail; it waits for none, and has a deadline as they have. A second Close does nothing and returns what
// the first returned.
func (k *KEK) Close() error {
	k.closed.Store(true)
	return k.closeErr()
}

func (k *KEK) closeWrapper() error {
	_, err := run(context.Background(), newPlaces(1), k.options.Timeout, func(ctx context.Context) (struct{}, error) {
		switch w := k.wrapper.(type) {
		case io.Closer:
			return struct{}{}, w.Close()
		case wrapping.InitFinalizer:
			return struct{}{}, w.Finalize(ctx)
		}
		return struct{}{}, nil
	})
	return k.errorOf("close", "", err, nil)
}
