package wrappers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"syscall"
	"testing"
)

func TestErrorText(t *testing.T) {
	for _, c := range []struct {
		e    Error
		want string
	}{
		{
			Error{KEK: "transit.eu", Provider: "transit", Op: "unwrap", KeyID: "transit/keys/app", Hint: "grant update on transit/decrypt/app", Err: errors.New("permission denied")},
			"wrappers: unwrap with transit.eu (key transit/keys/app): permission denied; grant update on transit/decrypt/app",
		},
		{
			Error{KEK: "aead", Provider: "aead", Op: "wrap", Err: errors.New("no such file")},
			"wrappers: wrap with aead: no such file",
		},
	} {
		if got := c.e.Error(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestErrorsThatNobodyClassified(t *testing.T) {
	for _, c := range []struct {
		err  error
		want Class
	}{
		{nil, 0},
		{errors.New("?"), Ask},
		{fs.ErrNotExist, Ask},
		{fmt.Errorf("x: %w", fs.ErrPermission), Ask},
		{context.DeadlineExceeded, Later},
		{fmt.Errorf("x: %w", context.Canceled), Later},
		{io.ErrUnexpectedEOF, Later},
		{&url.Error{Op: "Put", URL: "http://vault", Err: io.EOF}, Later},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, Later},
		{&net.DNSError{IsNotFound: true}, Later},
		{fmt.Errorf("x: %w", ErrMalformed), Never},
		{ErrWrapOnly, Never},
	} {
		if got := ClassOf(c.err); got != c.want {
			t.Errorf("ClassOf(%v) = %v, want %v", c.err, got, c.want)
		}
	}
}

func TestWrapperClassifiesFirst(t *testing.T) {
	k := newKEK(t, &knowing{newFake(), Never, ""}, nil)
	if c, _ := k.classify(io.EOF); c != Never {
		t.Errorf("got %v, want the wrapper's word", c)
	}
	k = newKEK(t, &knowing{newFake(), 0, "unused"}, nil)
	if c, hint := k.classify(io.EOF); c != Later || hint != "" {
		t.Errorf("got %v, %q, want what the error is by itself", c, hint)
	}
	if c, _ := k.classify(never(io.EOF)); c != Never {
		t.Errorf("got %v, want what this package said", c)
	}
}

// Providers begin their errors with their name, for those who call them without a KEK.
func TestErrorNamesTheProviderOnce(t *testing.T) {
	k := newKEK(t, newFake(), nil)
	wantError(t, k.errorOf("wrap", "", errors.New("fake: used after Close"), nil), Ask, "wrappers: wrap with fake.eu: used after Close")
	wantError(t, k.errorOf("wrap", "k", errors.New("no fake: none"), nil), Ask, "wrappers: wrap with fake.eu (key k): no fake: none")
}

type panicky struct{ *fake }

func (panicky) Classify(err error) (Class, string) { panic(err) }

func TestWrapperThatPanicsWhenItClassifies(t *testing.T) {
	err := newKEK(t, panicky{newFake()}, nil).errorOf("wrap", "", io.EOF, nil)
	wantError(t, err, Later, "wrappers: wrap with fake.eu: EOF")
}

func TestHintForAProviderThatIsSilent(t *testing.T) {
	for _, c := range []struct {
		says Class // the wrapper
		err  error
		hint string
	}{
		{Later, later(context.DeadlineExceeded), "look there"},
		{Later, later(ErrNotNeeded), ""},
		{Later, later(errStuck), ""},
		{Later, never(errClosed), ""},
		{Ask, later(context.DeadlineExceeded), ""},
	} {
		k := newKEK(t, &knowing{newFake(), c.says, "look there"}, nil)
		own, _ := errors.AsType[classed](c.err)
		if class, hint := k.classify(c.err); class != own.class || hint != c.hint {
			t.Errorf("classify(%v): got %v, %q; want %v, %q", c.err, class, hint, own.class, c.hint)
		}
	}
}

func TestClassOfSeveralIsTheMostHopeful(t *testing.T) {
	of := func(c Class) error { return &Error{Class: c, Err: errors.New("x")} }
	for _, c := range []struct {
		errs []error
		want Class
	}{
		{[]error{of(Never), of(Later)}, Later},
		{[]error{of(Ask), of(Later), of(Never)}, Later},
		{[]error{of(Never), of(Ask)}, Ask},
		{[]error{of(Never), of(Never)}, Never},
	} {
		err := fmt.Errorf("load: %w", errors.Join(c.errs...))
		if got := ClassOf(err); got != c.want {
			t.Errorf("ClassOf(%v) = %v, want %v", err, got, c.want)
		}
		for _, one := range c.errs {
			if !HasClass(err, ClassOf(one)) {
				t.Errorf("HasClass does not find %v in %v", ClassOf(one), err)
			}
		}
	}
	if HasClass(of(Later), Never) || HasClass(errors.New("x"), Ask) || HasClass(nil, Ask) {
		t.Error("HasClass found what is not there")
	}
}

func TestKeyIDOfAnUnverifiedFileIsNotPrinted(t *testing.T) {
	err := newKEK(t, newFake(), nil).errorOf("unwrap", "\x1b]0;owned", errors.New("no"), nil)
	wantError(t, err, Ask, "wrappers: unwrap with fake.eu: no")
}

func TestClassNames(t *testing.T) {
	for c, want := range map[Class]string{Never: "never", Later: "later", Ask: "ask the operator", 0: "unclassified"} {
		if c.String() != want {
			t.Errorf("got %q, want %q", c.String(), want)
		}
	}
}
