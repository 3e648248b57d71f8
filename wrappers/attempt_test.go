package wrappers

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
)

var blob = &Wrapped{Scheme: "fake/1", Blob: []byte("wx")}

// deaf is a wrapper that ignores its context and answers when it is let go.
func deaf() (w *schemer, letGo func()) {
	f, answer := newFake(), make(chan struct{})
	f.decrypt = func(context.Context, []byte) ([]byte, error) {
		<-answer
		return []byte("late"), nil
	}
	f.encrypt = func(context.Context, []byte) (*wrapping.BlobInfo, error) {
		<-answer
		return &wrapping.BlobInfo{Ciphertext: []byte("wx")}, nil
	}
	return &schemer{f, "fake/1"}, func() { close(answer) }
}

func TestDeadlinesHoldWithADeafDriver(t *testing.T) {
	for _, c := range []struct {
		name    string
		caller  time.Duration // 0: none
		attempt time.Duration
		want    time.Duration
		text    string
	}{
		{"the attempt's", 0, 2 * time.Second, 2 * time.Second, "no answer within 2s: context deadline exceeded"},
		{"the caller's", 300 * time.Millisecond, 2 * time.Second, 300 * time.Millisecond, "context deadline exceeded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, letGo := deaf()
				defer letGo()
				k := newKEK(t, w, &Options{Provider: "fake", Timeout: c.attempt, Attempts: 1})
				ctx := t.Context()
				if c.caller > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.caller)
					defer cancel()
				}
				for _, op := range []string{"unwrap", "wrap"} {
					if ctx.Err() != nil {
						continue // the caller's time is used up
					}
					began := time.Now()
					var err error
					key := ""
					if op == "unwrap" {
						_, err = k.Unwrap(ctx, blob, nil)
					} else {
						_, err = k.Wrap(ctx, []byte("x"), nil)
						key = " (key static-key)"
					}
					if took := time.Since(began); took != c.want {
						t.Errorf("%s took %v, want %v", op, took, c.want)
					}
					wantError(t, err, Later, "wrappers: "+op+" with fake"+key+": "+c.text)
				}
			})
		})
	}
}

func TestContextThatHasEnded(t *testing.T) {
	f := newFake()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("shutting down"))
	_, err := newKEK(t, &schemer{f, "fake/1"}, nil).Unwrap(ctx, blob, nil)
	wantError(t, err, Later, "wrappers: unwrap with fake.eu: shutting down")
	if f.calls.Load() != 0 {
		t.Error("the driver was called")
	}
}

func TestWhateverADriverMakesOfItsContextIsLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.decrypt = func(ctx context.Context, _ []byte) ([]byte, error) {
			<-ctx.Done()
			return nil, errors.New("rpc error: code = 4")
		}
		k := newKEK(t, &schemer{f, "fake/1"}, &Options{Provider: "fake", Attempts: 1})
		if _, err := k.Unwrap(t.Context(), blob, nil); ClassOf(err) != Later {
			t.Errorf("got %v, want class later", err)
		}
	})
}

func TestStuckDriversAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, letGo := deaf()
		k := newKEK(t, w, &Options{Provider: "fake", Timeout: time.Second})
		for range 3 * maxInside {
			go k.Unwrap(t.Context(), blob, nil)
		}
		time.Sleep(time.Minute)
		if n := w.calls.Load(); n != maxInside {
			t.Errorf("%d goroutines went into a driver that hangs, want %d", n, maxInside)
		}
		began := time.Now()
		_, err := k.Unwrap(t.Context(), blob, nil)
		wantError(t, err, Later, "wrappers: unwrap with fake: 16 earlier calls still hang in the driver")
		if took := time.Since(began); took != 0 {
			t.Errorf("refused after %v, want at once", took)
		}

		letGo()
		synctest.Wait()
		if got, err := k.Unwrap(t.Context(), blob, nil); err != nil || string(got) != "late" {
			t.Errorf("after the driver came back: %q, %v", got, err)
		}
		if n := k.inside.stuck.Load(); n != 0 {
			t.Errorf("%d calls are still counted as stuck", n)
		}
	})
}

// Close reaches a driver of which every place hangs, which is what may end the calls in there.
func TestCloseOfADriverThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, letGo := deaf()
		hangs := &closer{fake: w.fake, err: errors.New("lease not revoked")}
		k := newKEK(t, hangs, &Options{Provider: "fake", Timeout: time.Second})
		for range maxInside {
			go k.Wrap(t.Context(), []byte("x"), nil)
		}
		time.Sleep(time.Minute)
		began := time.Now()
		wantError(t, k.Close(), Ask, "wrappers: close with fake: lease not revoked")
		if took := time.Since(began); took != 0 || hangs.closed != 1 {
			t.Errorf("closed %d times, after %v; want once, at once", hangs.closed, took)
		}
		letGo()
	})
}

func TestCloseHasADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &closer{fake: newFake(), takes: time.Hour}
		k := newKEK(t, c, &Options{Provider: "fake", Timeout: time.Second})
		began := time.Now()
		wantError(t, k.Close(), Later, "wrappers: close with fake: no answer within 1s: context deadline exceeded")
		if took := time.Since(began); took != time.Second {
			t.Errorf("returned after %v, want 1s", took)
		}
		time.Sleep(time.Hour)
	})
}

func TestPlaintextThatNobodyWaitsForIsCleared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, plaintext := newFake(), []byte("the root")
		f.decrypt = func(context.Context, []byte) ([]byte, error) {
			time.Sleep(time.Minute)
			return plaintext, nil
		}
		k := newKEK(t, &schemer{f, "fake/1"}, &Options{Provider: "fake", Timeout: time.Second, Attempts: 1})
		if _, err := k.Unwrap(t.Context(), blob, nil); ClassOf(err) != Later {
			t.Errorf("got %v", err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if !bytes.Equal(plaintext, make([]byte, len(plaintext))) {
			t.Errorf("left behind: %q", plaintext)
		}
	})
}

func TestCallerMayClearWhileADriverHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		var saw string
		f.encrypt = func(_ context.Context, p []byte) (*wrapping.BlobInfo, error) {
			time.Sleep(time.Minute)
			saw = string(p)
			return nil, errors.New("too late")
		}
		k := newKEK(t, f, &Options{Provider: "fake", Timeout: time.Second, Attempts: 1})
		plaintext := []byte("the root")
		if _, err := k.Wrap(t.Context(), plaintext, nil); ClassOf(err) != Later {
			t.Errorf("got %v", err)
		}
		clear(plaintext)
		time.Sleep(time.Minute)
		synctest.Wait()
		if saw != "the root" {
			t.Errorf("the driver saw %q, want its own copy", saw)
		}
	})
}

func TestDriverThatPanics(t *testing.T) {
	for _, c := range []struct {
		f    func()
		want string
	}{
		{func() { panic("the root") }, "the driver panicked with a value of type string"},
		{func() { panic(errors.New("the root")) }, "the driver panicked with a value of type *errors.errorString"},
		{func() { _ = []byte(nil)[maxInside-len(blob.Blob)] }, "the driver panicked: runtime error: index out of range [14] with length 0"},
		{func() { panic(nil) }, "the driver panicked: panic called with nil argument"},
		{runtime.Goexit, "the driver ended its goroutine"},
	} {
		f := newFake()
		f.decrypt = func(context.Context, []byte) ([]byte, error) {
			c.f()
			return nil, nil
		}
		_, err := newKEK(t, &schemer{f, "fake/1"}, nil).Unwrap(t.Context(), blob, nil)
		wantError(t, err, Never, "wrappers: unwrap with fake.eu: "+c.want)
		if f.calls.Load() != 1 {
			t.Errorf("%s: called %d times, want once", c.want, f.calls.Load())
		}
	}
}
