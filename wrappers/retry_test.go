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
		{Later, 1, 2, true, 1, 800 * time.Millisecond},
		{Later, 2, 3, true, 1, 2400 * time.Millisecond},
		{Later, 3, 3, false, 1, 2400 * time.Millisecond},
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

// Pauses are random, so these are asked a hundred times.
const often = 100

func TestPausesCoverTheirRange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tenths [8]int
		for range 10 * often {
			began := time.Now()
			if _, err := newKEK(t, failing(1, Later), nil).Unwrap(t.Context(), blob, nil); err != nil {
				t.Fatal(err)
			}
			tenths[min(7, time.Since(began)/(100*time.Millisecond))]++
		}
		for i, n := range tenths {
			if n < 62 || n > 188 { // half as many as expected, or half more: six standard deviations
				t.Errorf("%d of 1000 pauses end within %d and %d ms; in all %v", n, 100*i, 100*i+100, tenths)
			}
		}
	})
}

func TestNoPauseBeyondTheCallersDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cut := 0
		for range often {
			w := failing(99, Later)
			ctx, cancel := context.WithTimeout(t.Context(), 90*time.Millisecond)
			_, err := newKEK(t, w, nil).Unwrap(ctx, blob, nil)
			wantError(t, err, Later, "wrappers: unwrap with fake.eu: no luck")
			if ctx.Err() != nil {
				t.Error("it waited for the caller's deadline")
			}
			cancel()
			if w.calls.Load() == 1 {
				cut++
			}
		}
		if cut < often/2 {
			t.Errorf("%d of %d went without a retry, and most pauses are longer than the deadline", cut, often)
		}
	})
}

func TestPauseEndsWithTheCallersContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cut := 0
		for range often {
			w := failing(99, Later)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(50*time.Millisecond, cancel)
			began := time.Now()
			_, err := newKEK(t, w, nil).Unwrap(ctx, blob, nil)
			wantError(t, err, Later, "wrappers: unwrap with fake.eu: no luck")
			took := time.Since(began)
			if took > 50*time.Millisecond {
				t.Errorf("returned after %v, want at most 50ms", took)
			}
			if took == 50*time.Millisecond && w.calls.Load() == 1 {
				cut++
			}
			time.Sleep(50 * time.Millisecond)
		}
		if cut < often/2 {
			t.Errorf("%d of %d pauses were cut short, and most are longer than 50ms", cut, often)
		}
	})
}
