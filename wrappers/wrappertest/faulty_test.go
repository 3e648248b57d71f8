package wrappertest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
)

// engine is a key service that is only switches.
type engine struct {
	mu                  sync.Mutex
	calls, fail         int
	silent, deny, muted bool
}

func (e *engine) wasSilent() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.muted
}

func (e *engine) hooks() *wrappertest.Engine {
	set := func(f func()) {
		e.mu.Lock()
		defer e.mu.Unlock()
		f()
	}
	return &wrappertest.Engine{
		Calls:   func() (n int) { set(func() { n = e.calls }); return n },
		Silence: func(*testing.T) { set(func() { e.silent, e.muted = true, true }) },
		Deny:    func(*testing.T) { set(func() { e.deny = true }) },
		Fail:    func(_ *testing.T, n int) { set(func() { e.fail = n }) },
		Restore: func(*testing.T) { set(func() { e.silent, e.deny, e.fail = false, false, 0 }) },
	}
}

func (e *engine) call(ctx context.Context) error {
	e.mu.Lock()
	e.calls++
	e.fail--
	silent, deny, fail := e.silent, e.deny, e.fail >= 0
	e.mu.Unlock()
	switch {
	case silent:
		<-ctx.Done()
		return ctx.Err()
	case deny:
		return errDenied
	case fail:
		return errServer
	}
	return nil
}

// faulty is a good wrapper with one fault.
type faulty struct {
	*local.Wrapper
	engine *engine
	fault  string
	busy   sync.Mutex

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
	err := f.engine.call(ctx)
	if f.fault == "never comes back" && f.engine.wasSilent() {
		return errServer
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
	switch {
	case f.fault == "calls every error Ask":
		return wrappers.Ask, ""
	case errors.Is(err, errDenied) && f.fault == "gives no next step":
		return wrappers.Ask, ""
	case errors.Is(err, errDenied):
		return wrappers.Ask, "ask for it"
	case errors.Is(err, errServer) && f.fault == "gives up at once":
		return wrappers.Ask, ""
	case errors.Is(err, errServer):
		return wrappers.Later, ""
	case f.fault == "shows its token":
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
