package wrappertest

import (
	"context"
	"sync"
	"testing"

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
		inner := s.within(t)
		k, plaintext := inner.kek(), inner.plaintext(32)
		inner.wantOpen(k, inner.wrap(k, plaintext), plaintext)
	})
	goleak.VerifyNone(s, before)
	if s.h.Engine == nil || s.h.Engine.Silence == nil {
		return
	}
	s.Cleanup(func() { s.h.Engine.Restore(s.T) })
	s.Run("silent", func(t *testing.T) {
		inner := s.within(t)
		k, plaintext := inner.kek(), inner.plaintext(32)
		w := inner.wrap(k, plaintext)
		s.h.Engine.Silence(t)
		for _, k := range []*wrappers.KEK{k, inner.kek()} { // with a connection, and without
			ctx, cancel := context.WithTimeout(t.Context(), silence)
			_, err := k.Unwrap(ctx, w, aad)
			inner.wantClass(err, wrappers.Later, "Unwrap with a silent engine")
			cancel()
		}
	})
	goleak.VerifyNone(s, before) // the engine is silent still
}
