package wrappers

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
)

func TestNamesThatNoKeystoreHolds(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string // "" if it is accepted
	}{
		{Options{Provider: "transit"}, ""},
		{Options{Provider: "transit", Name: "eu-1", Group: "officers"}, ""},
		{Options{Provider: "Transit"}, `wrappers: "Transit" is not the provider of a KEK: 1 to 32 lower-case letters, digits and hyphens`},
		{Options{Provider: strings.Repeat("a", 33)}, `wrappers: "` + strings.Repeat("a", 33) + `" is not the provider of a KEK: 1 to 32 lower-case letters, digits and hyphens`},
		{Options{Provider: "aead", Name: "a.b"}, `wrappers: "a.b" is not the name of a KEK: 1 to 64 lower-case letters, digits and hyphens`},
		{Options{Provider: "aead", Name: "\n"}, `wrappers: "\n" is not the name of a KEK: 1 to 64 lower-case letters, digits and hyphens`},
		{Options{Provider: "aead", Group: strings.Repeat("g", 25)}, `wrappers: "` + strings.Repeat("g", 25) + `" is not the group of a KEK: 1 to 24 lower-case letters, digits and hyphens`},
	} {
		got := ""
		if _, err := New(newFake(), &c.o); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("New with %+v: got error %q, want %q", c.o, got, c.want)
		}
	}
}

func TestKEKSaysWhatItIs(t *testing.T) {
	k := newKEK(t, newFake(), &Options{Provider: "fake", Name: "eu", Group: "officers", Inactive: true})
	if k.ID() != "fake.eu" || k.Provider() != "fake" || k.Group() != "officers" || k.Active() || k.WrapOnly() || k.RequiresPin() || k.WaitsForPerson() {
		t.Errorf("got %s %s %s active=%v wrap-only=%v pin=%v person=%v", k.ID(), k.Provider(), k.Group(), k.Active(), k.WrapOnly(), k.RequiresPin(), k.WaitsForPerson())
	}
	if k.options.Timeout != DefaultTimeout || k.options.Attempts != DefaultAttempts {
		t.Errorf("defaults: got %+v", k.options)
	}
	k = newKEK(t, person{newFake(), func() {}}, &Options{})
	if k.ID() != "test-auto" || !k.Active() || k.options.Timeout != DefaultPersonTimeout {
		t.Errorf("got %s active=%v %+v, want the wrapper's type and time for a person", k.ID(), k.Active(), k.options)
	}
}

func TestNewNeedsAWrapper(t *testing.T) {
	for _, w := range []wrapping.Wrapper{nil, (*fake)(nil)} {
		if _, err := New(w, nil); err == nil || err.Error() != "wrappers: no wrapper given" {
			t.Errorf("got %v", err)
		}
	}
	for _, c := range []struct {
		w    wrapping.Wrapper
		want string
	}{
		{typeless{newFake(), func() {}}, "plugin is gone"},
		{typeless{newFake(), func() { panic("gone") }}, "the driver panicked with a value of type string"},
		{typeless{}, "the driver panicked: runtime error: invalid memory address or nil pointer dereference"},
		{person{newFake(), func() { panic("who?") }}, "the driver panicked with a value of type string"},
	} {
		_, err := New(c.w, &Options{Provider: "fake"})
		if err == nil || err.Error() != "wrappers: ask the wrapper what it is: "+c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

type typeless struct {
	*fake
	asked func()
}

func (w typeless) Type(context.Context) (wrapping.WrapperType, error) {
	w.asked()
	return "", errors.New("plugin is gone")
}

func TestWrapperIsAskedOnceWhatItIs(t *testing.T) {
	asked := 0
	k := newKEK(t, person{newFake(), func() { asked++ }}, nil)
	for range 2 {
		if !k.WaitsForPerson() || asked != 1 {
			t.Errorf("got %v after asking %d times, want true after once", k.WaitsForPerson(), asked)
		}
	}
}

type person struct {
	*fake
	asked func()
}

func (p person) WaitsForPerson() bool {
	p.asked()
	return true
}

type closer struct {
	*fake
	takes  time.Duration
	err    error
	closed int
}

func (c *closer) Close() error {
	c.closed++
	time.Sleep(c.takes)
	return c.err
}

type finalizer struct {
	*fake
	finalized int
}

func (f *finalizer) Init(context.Context, ...wrapping.Option) error { return nil }
func (f *finalizer) Finalize(context.Context, ...wrapping.Option) error {
	f.finalized++
	panic("finalized too early")
}

func TestCloseIsOnce(t *testing.T) {
	c := &closer{fake: newFake(), err: errors.New("lease not revoked")}
	k := newKEK(t, c, nil)
	for range 2 {
		wantError(t, k.Close(), Ask, "wrappers: close with fake.eu: lease not revoked")
	}
	if c.closed != 1 {
		t.Errorf("closed %d times", c.closed)
	}
	_, err := k.Wrap(t.Context(), []byte("x"), nil)
	wantError(t, err, Never, "wrappers: wrap with fake.eu: the KEK is closed")

	f := &finalizer{fake: newFake()}
	wantError(t, newKEK(t, f, nil).Close(), Never, "wrappers: close with fake.eu: the driver panicked with a value of type string")
	if f.finalized != 1 {
		t.Errorf("finalized %d times", f.finalized)
	}
	if err := newKEK(t, newFake(), nil).Close(); err != nil {
		t.Errorf("a wrapper with nothing to close: %v", err)
	}
}

type checked struct {
	*fake
	err error
}

func (c checked) Check(context.Context) error { return c.err }

func TestCheck(t *testing.T) {
	wantError(t, newKEK(t, checked{newFake(), errors.New("no key file")}, nil).Check(t.Context()), Ask,
		"wrappers: check with fake.eu: no key file")
	for _, w := range []wrapping.Wrapper{checked{newFake(), nil}, newFake()} {
		if err := newKEK(t, w, nil).Check(t.Context()); err != nil {
			t.Errorf("Check of %T: %v", w, err)
		}
	}
}
