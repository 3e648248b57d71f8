package wrappertest

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

// aad has the form of what a keystore binds its roots to.
var aad = []byte("sealwax/v1 keystore=00000000-0000-4000-8000-000000000001 root=00000000-0000-4000-8000-000000000002")

// suite is one case at work.
type suite struct {
	*testing.T
	h    Harness
	name string // of the case

	secrets []string // plaintexts of this case, in every spelling that an error could have
}

// within returns the same case at work in a subtest.
func (s *suite) within(t *testing.T) *suite { return &suite{T: t, h: s.h, name: s.name} }

// kek returns a KEK over a new wrapper.
func (s *suite) kek() *wrappers.KEK { return s.kekOver(s.h.New(s.T)) }

func (s *suite) kekOver(w wrapping.Wrapper) *wrappers.KEK {
	s.Helper()
	k, err := wrappers.New(w, &wrappers.Options{CallsPerMinute: -1})
	if err != nil {
		s.Fatalf("New: %v", err)
	}
	s.Cleanup(func() {
		if err := k.Close(); err != nil {
			s.Errorf("Close: %v", err)
		}
	})
	return k
}

// plaintext returns n random bytes that no error may show from now on.
func (s *suite) plaintext(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	if n >= 16 { // fewer may be in a text by chance
		s.secrets = append(s.secrets, string(b), hex.EncodeToString(b), strings.Trim(fmt.Sprint(b), "[]"),
			base64.RawStdEncoding.EncodeToString(b), base64.RawURLEncoding.EncodeToString(b))
	}
	return b
}

func (s *suite) wrap(k *wrappers.KEK, plaintext []byte) *wrappers.Wrapped {
	s.Helper()
	w, err := k.Wrap(s.Context(), plaintext, aad)
	if err != nil {
		s.Fatalf("Wrap: %v", err)
	}
	return w
}

// wantOpen wants w to open to plaintext.
func (s *suite) wantOpen(k *wrappers.KEK, w *wrappers.Wrapped, plaintext []byte) {
	s.Helper()
	got, err := k.Unwrap(s.Context(), w, aad)
	if err != nil {
		s.Fatalf("Unwrap: %v", err)
	}
	if string(got) != string(plaintext) {
		s.Fatalf("Unwrap gave %d other bytes than the %d wrapped", len(got), len(plaintext))
	}
}

// wantRefused wants w not to open, with an error of class Never.
func (s *suite) wantRefused(k *wrappers.KEK, w *wrappers.Wrapped, context []byte, what string) {
	s.Helper()
	_, err := k.Unwrap(s.Context(), w, context)
	s.wantSays(s.wantClass(err, wrappers.Never, "Unwrap of "+what))
}

// wantMalformed is wantRefused for what must not reach the wrapper, let alone the engine.
func (s *suite) wantMalformed(k *wrappers.KEK, w *wrappers.Wrapped, what string) {
	s.Helper()
	before := s.calls()
	_, err := k.Unwrap(s.Context(), w, aad)
	s.wantClass(err, wrappers.Never, "Unwrap of "+what)
	if !errors.Is(err, wrappers.ErrMalformed) {
		s.Errorf("Unwrap of %s: got %v, want ErrMalformed", what, err)
	}
	s.wantCalls(before, 0, "Unwrap of "+what)
}

// wantClass wants an *Error of one class whose text shows no secret.
func (s *suite) wantClass(err error, class wrappers.Class, what string) *wrappers.Error {
	s.Helper()
	e, ok := errors.AsType[*wrappers.Error](err)
	if !ok {
		s.Fatalf("%s: got error %v, want a *wrappers.Error of class %q", what, err, class)
	}
	if e.Class != class {
		s.Errorf("%s: got class %q, want %q: %v", what, e.Class, class, err)
	}
	s.wantNoSecret(err.Error(), what)
	return e
}

// wantExplained wants an error that tells an operator everything: which KEK, provider and key, the cause in the
// provider's words, and, if somebody has to act, the next step.
func (s *suite) wantExplained(e *wrappers.Error) {
	s.Helper()
	s.wantSays(e)
	if e.KeyID == "" {
		s.Errorf("the error does not name the key: %v", e)
	}
	if e.Hint == "" && e.Class == wrappers.Ask {
		s.Errorf("the error gives no next step: %v", e)
	}
}

// wantSays wants an error that names KEK and provider, and says what the harness wants of this case.
func (s *suite) wantSays(e *wrappers.Error) {
	s.Helper()
	text := e.Error()
	for _, want := range append([]string{e.KEK, e.Provider}, s.h.Says[s.name]...) {
		if !strings.Contains(text, want) {
			s.Errorf("the error does not say %q: %v", want, e)
		}
	}
}

func (s *suite) wantNoSecret(text, what string) {
	s.Helper()
	for _, secret := range append(s.secrets, s.h.Secrets...) {
		if strings.Contains(text, secret) {
			s.Errorf("%s: the error shows a secret", what) // and this one must not
		}
	}
}

// calls returns how many calls the engine has seen, 0 without one.
func (s *suite) calls() int {
	if s.h.Engine == nil || s.h.Engine.Calls == nil {
		return 0
	}
	return s.h.Engine.Calls()
}

func (s *suite) wantCalls(before, most int, what string) {
	s.Helper()
	if n := s.calls() - before; n > most {
		s.Errorf("%s: the engine got %d calls, want at most %d", what, n, most)
	}
}

// inTime runs f with a deadline and wants it to return at most a tenth late, by the measure of a timer that only waits: a
// machine with other work lets both be late. f has three tries.
func (s *suite) inTime(d time.Duration, what string, f func(context.Context)) {
	s.Helper()
	var took, timer time.Duration
	for range 3 {
		ctx, cancel := context.WithTimeout(s.Context(), d)
		began := time.Now()
		waited := make(chan time.Duration)
		go func() { <-time.After(d); waited <- time.Since(began) }()
		f(ctx)
		took = time.Since(began)
		cancel()
		if timer = <-waited; took <= timer+d/10 {
			return
		}
	}
	s.Errorf("%s: returned after %v, want %v, when a timer takes %v", what, took, d, timer)
}
