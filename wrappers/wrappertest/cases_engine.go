package wrappertest

import (
	"context"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sealwax/sealwax/wrappers"
)

func check(s *suite) {
	k, before := s.kek(), s.calls()
	if err := k.Check(s.Context()); err != nil {
		s.Errorf("Check: %v", err)
	}
	s.wantCalls(before, 0, "Check")
}

func manyGoroutines(s *suite) {
	k, plaintext := s.kek(), s.plaintext(32)
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			w, err := k.Wrap(s.Context(), plaintext, aad)
			if err != nil {
				s.Errorf("Wrap: %v", err)
				return
			}
			got, err := k.Unwrap(s.Context(), w, aad)
			if err != nil || string(got) != string(plaintext) {
				s.Errorf("Unwrap: %d bytes, %v", len(got), err)
			}
		})
	}
	all.Wait()
}

func nothingLeftRunning(s *suite) {
	before := goleak.IgnoreCurrent()
	s.Run("use", func(t *testing.T) { // whose end closes the KEK and what New started
		inner := &suite{T: t, h: s.h}
		k, plaintext := inner.kek(), inner.plaintext(32)
		inner.wantOpen(k, inner.wrap(k, plaintext), plaintext)
	})
	goleak.VerifyNone(s, before)
}

// silence is the deadline given to calls of an engine that does not answer.
const silence = 300 * time.Millisecond

func silentEngine(s *suite) {
	e := s.engine(func(e *Engine) bool { return e.Silence != nil })
	k, plaintext := s.kek(), s.plaintext(32)
	w := s.wrap(k, plaintext)

	e.Silence(s.T)
	s.within(silence, "Unwrap", func(ctx context.Context) {
		_, err := k.Unwrap(ctx, w, aad)
		s.wantClass(err, wrappers.Later, "Unwrap with a silent engine")
	})
	s.within(silence, "Wrap", func(ctx context.Context) {
		_, err := k.Wrap(ctx, plaintext, aad)
		s.wantClass(err, wrappers.Later, "Wrap with a silent engine")
	})
	e.Restore(s.T)
	s.wantOpen(k, w, plaintext)
}

func denied(s *suite) {
	e := s.engine(func(e *Engine) bool { return e.Deny != nil })
	k, plaintext := s.kek(), s.plaintext(32)
	w := s.wrap(k, plaintext)

	e.Deny(s.T)
	before := s.calls()
	_, err := k.Unwrap(s.Context(), w, aad)
	s.wantNextStep(s.wantClass(err, wrappers.Ask, "Unwrap when denied"))
	_, err = k.Wrap(s.Context(), plaintext, aad)
	s.wantNextStep(s.wantClass(err, wrappers.Ask, "Wrap when denied"))
	s.wantCalls(before, 2, "two calls that were denied, and that nobody should repeat")
	e.Restore(s.T)
	s.wantOpen(k, w, plaintext)
}

func (s *suite) wantNextStep(e *wrappers.Error) {
	s.Helper()
	if e.Hint == "" {
		s.Errorf("the error gives no next step: %v", e)
	}
}

func serverError(s *suite) {
	e := s.engine(func(e *Engine) bool { return e.Fail != nil })
	k, plaintext := s.kek(), s.plaintext(32)
	w := s.wrap(k, plaintext)

	e.Fail(s.T, 1)
	s.wantOpen(k, w, plaintext)
	e.Fail(s.T, 1000)
	_, err := k.Unwrap(s.Context(), w, aad)
	s.wantClass(err, wrappers.Later, "Unwrap with an engine that fails")
	e.Restore(s.T)
	s.wantOpen(k, w, plaintext)
}

// engine returns the engine if it can do what the case needs, and skips the case if not.
func (s *suite) engine(can func(*Engine) bool) *Engine {
	s.Helper()
	if s.h.Engine == nil || !can(s.h.Engine) {
		s.Skip("the provider has no engine that can be disturbed so")
	}
	s.Cleanup(func() { s.h.Engine.Restore(s.T) })
	return s.h.Engine
}
