// Package kektest is what the tests of every provider say about a KEK. A test package gives these functions its own short
// names.
package kektest

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

var (
	// Root is what Wrap wraps. It must not be changed.
	Root = bytes.Repeat([]byte("r"), 32)
	// AAD has the form of what a keystore binds its roots to. It must not be changed.
	AAD = []byte("sealwax/v1 keystore=00000000-0000-4000-8000-000000000001 root=00000000-0000-4000-8000-000000000002")
)

// Make returns what a provider's constructor makes of a config.
func Make[C any, W wrapping.Wrapper](t testing.TB, constructor func(C) (W, error), c C) W {
	t.Helper()
	w, err := constructor(c)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// New returns a KEK that does not retry, so that its calls can be counted. It is closed when t ends.
func New(t testing.TB, w wrapping.Wrapper) *wrappers.KEK {
	t.Helper()
	k, err := wrappers.New(w, &wrappers.Options{Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return k
}

// Wrap wraps Root, bound to AAD.
func Wrap(t testing.TB, k *wrappers.KEK) *wrappers.Wrapped {
	t.Helper()
	w, err := k.Wrap(t.Context(), Root, AAD)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// WantOpen wants k to unwrap what Wrap returned.
func WantOpen(t testing.TB, k *wrappers.KEK, w *wrappers.Wrapped) {
	t.Helper()
	got, err := k.Unwrap(t.Context(), w, AAD)
	if err != nil || !bytes.Equal(got, Root) {
		t.Fatalf("Unwrap: got %d bytes, %v", len(got), err)
	}
}

// WantError wants an error of a class that has all these texts.
func WantError(t testing.TB, err error, class wrappers.Class, texts ...string) {
	t.Helper()
	e, ok := errors.AsType[*wrappers.Error](err)
	if !ok || e.Class != class {
		t.Fatalf("got error %v, want one of class %q", err, class)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("got error %q, want %q in it", err, text)
		}
	}
}

// WaitFor waits for what another process or goroutine does.
func WaitFor(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: did not happen within 20 s", what)
		}
	}
}
