package wrappers

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// failing is a wrapper whose Decrypt fails n times with errors of one class.
func failing(n int32, class Class) *failingSchemer {
	f := newFake()
	f.decrypt = func(context.Context, []byte) ([]byte, error) {
		if f.calls.Load() <= n {
			return nil, errors.New("no luck")
		}
		return []byte("x"), nil
	}
	return &failingSchemer{schemer{f, "fake/1"}, class}
}

type failingSchemer struct {
	schemer
	class Class
}

func (f *failingSchemer) Classify(error) (Class, string) { return f.class, "" }

func TestOnlyLaterIsRetried(t *testing.T) {
	for _, c := range []struct {
		class     Class
		failures  int32
		calls     int32
		ok        bool
		min, most time.Duration
	}{
		{Later, 0, 1, true, 0, 0},
		{Later, 1, 2, true, 100 * time.Millisecond, 300 * time.Millisecond},
		{Later, 2, 3, true, 250 * time.Millisecond, 750 * time.Millisecond},
		{Later, 3, 3, false, 250 * time.Millisecond, 750 * time.Millisecond},
		{Ask, 1, 1, false, 0, 0},
		{Never, 1, 1, false, 0, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := failing(c.failures, c.class)
			began := time.Now()
			_, err := newKEK(t, w, nil).Unwrap(t.Context(), blob, nil)
			took := time.Since(began)
			if (err == nil) != c.ok || w.calls.Load() != c.calls {
				t.Errorf("%d errors of class %v: got %v after %d calls, want success %v after %d", c.failures, c.class, err, w.calls.Load(), c.ok, c.calls)
			}
			if took < c.min || took > c.most {
				t.Errorf("%d errors of class %v: paused %v, want %v to %v", c.failures, c.class, took, c.min, c.most)
			}
		})
	}
}

func TestNoPauseBeyondTheCallersDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := failing(9, Later)
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Millisecond) // shorter than any pause
		defer cancel()
		began := time.Now()
		_, err := newKEK(t, w, nil).Unwrap(ctx, blob, nil)
		wantError(t, err, Later, "wrappers: unwrap with fake.eu (fake): no luck")
		if took := time.Since(began); took != 0 {
			t.Errorf("returned after %v, want at once", took)
		}
	})
}

func TestPauseEndsWithTheCallersContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := failing(9, Later)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		began := time.Now()
		_, err := newKEK(t, w, nil).Unwrap(ctx, blob, nil)
		wantError(t, err, Later, "wrappers: unwrap with fake.eu (fake): no luck")
		if took := time.Since(began); took != 50*time.Millisecond || w.calls.Load() != 1 {
			t.Errorf("returned after %v and %d calls, want 50ms and 1", took, w.calls.Load())
		}
	})
}
