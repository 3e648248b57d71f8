package keyring_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"sync/atomic"
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/aead"
	"github.com/sealwax/sealwax/wrappers"
)

// engine is a KMS in the test's hand: it counts its calls, fails when told to, and wraps with the real aead package.
type engine struct {
	aead             *aead.AEAD
	encrypts         atomic.Int64
	decrypts         atomic.Int64
	failure          atomic.Pointer[engineError]
	answer           atomic.Pointer[[]byte] // what every Decrypt returns, if set
	silent           atomic.Bool            // calls end with their context
	wrapOnly, pinned bool
	person           bool
	before           atomic.Pointer[func()] // what happens while the next Decrypt is on its way, if set
}

type engineError struct {
	class wrappers.Class
}

func (e *engineError) Error() string { return "engine is " + e.class.String() }

var _ wrapping.Wrapper = (*engine)(nil)

func newEngine(t testing.TB) *engine {
	t.Helper()
	key := make([]byte, aead.KeySize)
	rand.Read(key)
	a, err := aead.New(aead.XAES256GCM, key, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &engine{aead: a}
}

// kek returns the engine as a KEK called "test.NAME".
func (e *engine) kek(t testing.TB, name string, change ...func(*wrappers.Options)) *wrappers.KEK {
	t.Helper()
	o := &wrappers.Options{Provider: "test", Name: name, Attempts: 1, CallsPerMinute: -1}
	for _, c := range change {
		c(o)
	}
	k, err := wrappers.New(e, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

func inactive(o *wrappers.Options) { o.Inactive = true }

// fail makes every call fail with an error of the given class, until it is told 0.
func (e *engine) fail(c wrappers.Class) {
	if c == 0 {
		e.failure.Store(nil)
		return
	}
	e.failure.Store(&engineError{c})
}

func (e *engine) Type(context.Context) (wrapping.WrapperType, error) { return "test", nil }
func (e *engine) KeyId(context.Context) (string, error)              { return "k", nil }
func (e *engine) SetConfig(context.Context, ...wrapping.Option) (*wrapping.WrapperConfig, error) {
	return &wrapping.WrapperConfig{}, nil
}
func (e *engine) WrapOnly() bool       { return e.wrapOnly }
func (e *engine) RequiresPin() bool    { return e.pinned }
func (e *engine) WaitsForPerson() bool { return e.person }

func (e *engine) Classify(err error) (wrappers.Class, string) {
	if f, ok := errors.AsType[*engineError](err); ok {
		return f.class, ""
	}
	return wrappers.Never, ""
}

// trouble returns the error of a call that does not get an answer.
func (e *engine) trouble(ctx context.Context) error {
	if e.silent.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	if f := e.failure.Load(); f != nil {
		return f
	}
	return nil
}

func (e *engine) Encrypt(ctx context.Context, plaintext []byte, _ ...wrapping.Option) (*wrapping.BlobInfo, error) {
	e.encrypts.Add(1)
	if err := e.trouble(ctx); err != nil {
		return nil, err
	}
	return &wrapping.BlobInfo{Ciphertext: e.aead.Seal(nil, plaintext, nil), KeyInfo: &wrapping.KeyInfo{KeyId: "k"}}, nil
}

func (e *engine) Decrypt(ctx context.Context, blob *wrapping.BlobInfo, _ ...wrapping.Option) ([]byte, error) {
	e.decrypts.Add(1)
	if before := e.before.Swap(nil); before != nil {
		(*before)()
	}
	if err := e.trouble(ctx); err != nil {
		return nil, err
	}
	if a := e.answer.Load(); a != nil {
		return bytes.Clone(*a), nil
	}
	return e.aead.Open(nil, blob.Ciphertext, nil)
}
