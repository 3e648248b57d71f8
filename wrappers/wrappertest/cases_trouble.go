package wrappertest

import (
	"context"
	"testing"
	"time"

	"github.com/sealwax/sealwax/wrappers"
)

// silence is the deadline given to calls of an engine that does not answer.
const silence = 300 * time.Millisecond

func silentEngine(s *suite) {
	e := s.engine(func(e *Engine) bool { return e.Silence != nil })
	k, plaintext := s.kek(), s.plaintext(32)
	w := s.wrap(k, plaintext)

	e.Silence(s.T)
	unwrap := func(k *wrappers.KEK) func(context.Context) {
		return func(ctx context.Context) {
			_, err := k.Unwrap(ctx, w, aad)
			s.wantExplained(s.wantClass(err, wrappers.Later, "Unwrap with a silent engine"))
		}
	}
	s.inTime(silence, "Unwrap", unwrap(k))
	s.inTime(silence, "Unwrap without a connection", unwrap(s.kek()))
	s.inTime(silence, "Wrap", func(ctx context.Context) {
		_, err := k.Wrap(ctx, plaintext, aad)
		s.wantExplained(s.wantClass(err, wrappers.Later, "Wrap with a silent engine"))
	})
	e.Restore(s.T)
	s.wantOpen(k, w, plaintext)
}

func denied(s *suite) {
	e := s.engine(func(e *Engine) bool { return e.Deny != nil })
	s.wantRefusal(e, e.Deny)
}

// wantRefusal breaks the engine so that somebody has to act, wants errors that say so, and no call twice.
func (s *suite) wantRefusal(e *Engine, breakIt func(*testing.T)) {
	s.Helper()
	k, plaintext := s.kek(), s.plaintext(32)
	w := s.wrap(k, plaintext)

	breakIt(s.T)
	before := s.calls()
	_, err := k.Unwrap(s.Context(), w, aad)
	s.wantExplained(s.wantClass(err, wrappers.Ask, "Unwrap"))
	_, err = k.Wrap(s.Context(), plaintext, aad)
	s.wantExplained(s.wantClass(err, wrappers.Ask, "Wrap"))
	s.wantCalls(before, 2, "two calls that were refused, and that nobody should repeat")
	e.Restore(s.T)
	s.wantOpen(k, w, plaintext)
}

func serverError(s *suite) {
	e := s.engine(func(e *Engine) bool { return e.Fail != nil })
	s.wantPassing(e, e.Fail)
}

func throttled(s *suite) {
	e := s.engine(func(e *Engine) bool { return e.Throttle != nil })
	s.wantPassing(e, e.Throttle)
}

func connectionCut(s *suite) {
	e := s.engine(func(e *Engine) bool { return e.Cut != nil })
	s.wantPassing(e, e.Cut)
}

// wantPassing makes calls fail: one, which must not be noticed, and then so many that it must.
func (s *suite) wantPassing(e *Engine, fail func(*testing.T, int)) {
	s.Helper()
	k, plaintext := s.kek(), s.plaintext(32)
	w := s.wrap(k, plaintext)

	fail(s.T, 1)
	s.wantOpen(k, w, plaintext)
	fail(s.T, 1000)
	_, err := k.Unwrap(s.Context(), w, aad)
	s.wantExplained(s.wantClass(err, wrappers.Later, "Unwrap that fails each time"))
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
