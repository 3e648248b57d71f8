package wrappertest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
	"github.com/sealwax/sealwax/wrappers/wrappertest"
)

const token = "the token of the engine"

var (
	errDenied = errors.New("denied")
	errServer = errors.New("server error")
	errBusy   = errors.New("busy")

	errThrottled = errors.New("throttled")
	errCut       = errors.New("connection cut")
	errDisabled  = errors.New("key disabled")
	errDeleted   = errors.New("key pending deletion")
	errExpired   = errors.New("credentials expired")
	errUntrusted = errors.New("certificate signed by unknown authority")
)

// engine is a key service that is only switches.
type engine struct {
	mu          sync.Mutex
	calls, fail int
	failure     error // of the next fail calls
	refusal     error // of every call
	silent      bool
	muted       bool // was silent once
	rotated     bool
	expired     bool // has been so once
}

// was reports one of e's switches.
func (e *engine) was(on *bool) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return *on
}

func (e *engine) hooks() *wrappertest.Engine {
	set := func(f func()) {
		e.mu.Lock()
		defer e.mu.Unlock()
		f()
	}
	refuse := func(err error) func(*testing.T) { return func(*testing.T) { set(func() { e.refusal = err }) } }
	fail := func(err error) func(*testing.T, int) {
		return func(_ *testing.T, n int) { set(func() { e.fail, e.failure = n, err }) }
	}
	return &wrappertest.Engine{
		Calls:    func() (n int) { set(func() { n = e.calls }); return n },
		Silence:  func(*testing.T) { set(func() { e.silent, e.muted = true, true }) },
		Deny:     refuse(errDenied),
		Fail:     fail(errServer),
		Throttle: fail(errThrottled),
		Cut:      fail(errCut),
		Rotate:   func(*testing.T) { set(func() { e.rotated = true }) },
		Disable:  refuse(errDisabled),
		Delete:   refuse(errDeleted),
		Expire:   func(*testing.T) { set(func() { e.refusal = errExpired; e.expired = true }) },
		Reload:   func(*testing.T) { set(func() { e.refusal = nil }) },
		Restore:  func(*testing.T) { set(func() { e.silent, e.refusal, e.fail = false, nil, 0 }) },
	}
}

func (e *engine) call(ctx context.Context) error {
	e.mu.Lock()
	e.calls++
	e.fail--
	silent, refusal, fail, failure := e.silent, e.refusal, e.fail >= 0, e.failure
	e.mu.Unlock()
	switch {
	case silent:
		<-ctx.Done()
		return ctx.Err()
	case refusal != nil:
		return refusal
	case fail:
		return failure
	}
	return nil
}

// faulty is a good wrapper with one fault.
type faulty struct {
	*local.Wrapper
	engine *engine
	fault  string
	busy   sync.Mutex

	untrusting bool // of the engine's certificate

	mu   sync.Mutex
	once map[string]*wrapping.BlobInfo
}

func newFaulty(t *testing.T, key byte, e *engine, fault string) *faulty {
	t.Helper()
	w, err := local.New(bytes.Repeat([]byte{key}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return &faulty{Wrapper: w, engine: e, fault: fault, once: map[string]*wrapping.BlobInfo{}}
}

func (f *faulty) Encrypt(ctx context.Context, plaintext []byte, options ...wrapping.Option) (*wrapping.BlobInfo, error) {
	if err := f.begin(ctx); err != nil {
		return nil, f.repeat(err, plaintext)
	}
	info, err := f.Wrapper.Encrypt(ctx, plaintext, f.options(options)...)
	if err != nil {
		return nil, err
	}
	switch f.fault {
	case "shows the plaintext":
		info.Ciphertext = append(info.Ciphertext, plaintext...)
	case "ignores the last byte":
		info.Ciphertext = append(info.Ciphertext, 0)
	case "leaves a goroutine":
		go func() { select {} }()
	case "repeats blobs":
		f.mu.Lock()
		defer f.mu.Unlock()
		if before := f.once[string(plaintext)]; before != nil {
			return before, nil
		}
		f.once[string(plaintext)] = info
	}
	return info, nil
}

func (f *faulty) Decrypt(ctx context.Context, info *wrapping.BlobInfo, options ...wrapping.Option) ([]byte, error) {
	if err := f.begin(ctx); err != nil {
		return nil, err
	}
	switch f.fault {
	case "shows the plaintext":
		if n := len(info.Ciphertext) - 40; n%2 == 0 {
			info.Ciphertext = info.Ciphertext[:40+n/2]
		}
	case "ignores the last byte":
		info.Ciphertext = info.Ciphertext[:len(info.Ciphertext)-1]
	case "trims zeros":
		info.Ciphertext = bytes.TrimRight(info.Ciphertext, "\x00")
	case "takes any key ID":
		info.KeyInfo.KeyId, _ = f.KeyId(ctx)
	}
	plaintext, err := f.Wrapper.Decrypt(ctx, info, f.options(options)...)
	if err != nil && f.fault == "shows its token" {
		return nil, errors.New(err.Error() + ": token was " + token)
	}
	if err != nil && f.fault == "says what it unwrapped" {
		plaintext, _ = f.Wrapper.Decrypt(ctx, info, wrapping.WithAad(aad))
		return nil, fmt.Errorf("%w: %x is of another place", err, plaintext)
	}
	return plaintext, err
}

// aad is what the suite binds to.
var aad = []byte("sealwax/v1 keystore=00000000-0000-4000-8000-000000000001 root=00000000-0000-4000-8000-000000000002")

// repeat returns err with what was asked.
func (f *faulty) repeat(err error, plaintext []byte) error {
	switch f.fault {
	case "repeats the request":
		return fmt.Errorf("%w: %v", err, plaintext)
	case "repeats the request in its cause":
		return fmt.Errorf("no: %w", &quiet{fmt.Errorf("%w: %x", err, plaintext)})
	}
	return err
}

// quiet is an error whose cause says more.
type quiet struct{ cause error }

func (q *quiet) Error() string { return "no answer" }
func (q *quiet) Unwrap() error { return q.cause }

func (f *faulty) begin(ctx context.Context) error {
	if f.fault == "serves one at a time" {
		if !f.busy.TryLock() {
			return errBusy
		}
		defer f.busy.Unlock()
		time.Sleep(time.Millisecond) // long enough to be met
	}
	if f.untrusting && f.fault != "trusts anybody" {
		return errUntrusted
	}
	if f.fault == "prints its token" {
		fmt.Fprintln(os.Stderr, token)
	}
	err := f.engine.call(ctx)
	switch {
	case f.fault == "never comes back" && f.engine.was(&f.engine.muted):
		return errServer
	case f.fault == "keeps what has expired" && f.engine.was(&f.engine.expired):
		return errExpired
	case f.fault == "forgets the old version" && f.engine.was(&f.engine.rotated):
		return errDeleted
	}
	if err == errDenied && f.fault == "repeats what was denied" {
		err = f.engine.call(ctx)
	}
	return err
}

func (f *faulty) options(given []wrapping.Option) []wrapping.Option {
	if f.fault == "drops the context" {
		return nil
	}
	return given
}

func (f *faulty) CheckCiphertext(ciphertext []byte) error {
	switch f.fault {
	case "checks nothing", "shows the plaintext", "ignores the last byte":
		return nil
	}
	return f.Wrapper.CheckCiphertext(ciphertext)
}

func (f *faulty) Classify(err error) (wrappers.Class, string) {
	if f.fault == "calls every error Ask" {
		return wrappers.Ask, ""
	}
	for _, known := range []struct {
		err   error
		class wrappers.Class
		fault string // that makes it class Ask without a next step
	}{
		{errDenied, wrappers.Ask, "gives no next step"},
		{errServer, wrappers.Later, "gives up at once"},
		{errThrottled, wrappers.Later, "gives up when throttled"},
		{errCut, wrappers.Later, "gives up when cut off"},
		{errDisabled, wrappers.Ask, "says nothing of a disabled key"},
		{errDeleted, wrappers.Ask, "says nothing of a deleted key"},
		{errExpired, wrappers.Ask, "says nothing of expired credentials"},
		{errUntrusted, wrappers.Ask, "says nothing of the certificate"},
	} {
		switch {
		case !errors.Is(err, known.err):
		case f.fault == known.fault:
			return wrappers.Ask, ""
		default:
			return known.class, "ask for it"
		}
	}
	if f.fault == "shows its token" {
		return wrappers.Never, ""
	}
	return f.Wrapper.Classify(err)
}

func (f *faulty) Check(ctx context.Context) error {
	if f.fault == "fails its own check" {
		return errServer
	}
	return f.Wrapper.Check(ctx)
}

// onlyWraps says whether it can only wrap.
type onlyWraps struct {
	*faulty
	only bool
}

func (o *onlyWraps) WrapOnly() bool { return o.only }
