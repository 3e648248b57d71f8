package wrappers

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// answer makes the wrapper of a KEK answer like that from now on.
func answer(k *KEK, after time.Duration, err error) {
	k.wrapper.(*schemer).decrypt = func(ctx context.Context, _ []byte) ([]byte, error) {
		select {
		case <-time.After(after):
			return []byte("x"), err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func answers(t *testing.T, name string, after time.Duration, err error) Candidate {
	t.Helper()
	c := candidate(t, &schemer{newFake(), "fake/1"}, name)
	answer(c.KEK, after, err)
	return c
}

func TestWhatCallsSayAboutAProvider(t *testing.T) {
	broken := errors.New("no luck")
	for _, c := range []struct {
		name     string
		w        Schemer
		failures int
	}{
		{"it answers", &schemer{newFake(), "fake/1"}, 0},
		{"later", failing(9, Later), 1},
		{"ask", failing(9, Ask), 1},
		{"never, which is about the blob", failing(9, Never), 0},
	} {
		k := candidate(t, c.w, "a").KEK
		k.Unwrap(t.Context(), blob, nil)
		if got := k.Health(); got.Failures != c.failures || got.Resting(time.Now()) != (c.failures > 0) {
			t.Errorf("%s: got %+v, want %d failures", c.name, got, c.failures)
		}
	}
	k := answers(t, "a", 0, broken).KEK
	k.Unwrap(t.Context(), &Wrapped{Scheme: "other/1", Blob: []byte("wx")}, nil)
	k.Wrap(t.Context(), nil, nil)
	if got := k.Health(); got != (Health{}) {
		t.Errorf("got %+v from calls that never reached the provider, want nothing", got)
	}
	k.Close()
	k.Unwrap(t.Context(), blob, nil)
	if got := k.Health(); got != (Health{}) {
		t.Errorf("got %+v from a KEK that is closed, want nothing", got)
	}
}

// An inspection may go well where nothing may be decrypted, and be refused where everything may.
func TestInspectionSaysNothingOfHealth(t *testing.T) {
	for _, refused := range []error{nil, errors.New("refused")} {
		k := newKEK(t, inspected{newFake(), func(context.Context) (*Inspection, error) { return new(Inspection), refused }}, &Options{Attempts: 1})
		k.Inspect(t.Context())
		if h := k.Health(); h != (Health{}) {
			t.Errorf("after an inspection with error %v: got %+v, want nothing", refused, h)
		}
	}
}

func TestLatencyIsSmoothed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := answers(t, "a", 0, nil).KEK
		for _, step := range []struct{ took, want time.Duration }{{100, 100}, {20, 80}, {80, 80}, {200, 110}} {
			answer(k, step.took*time.Millisecond, nil)
			if _, err := k.Unwrap(t.Context(), blob, nil); err != nil {
				t.Fatal(err)
			}
			if got := k.Health(); got.Latency != step.want*time.Millisecond || !got.Answered.Equal(time.Now()) {
				t.Errorf("after a call of %d ms: got %+v, want %d ms, now", step.took, got, step.want)
			}
		}
	})
}

// TestRestsGrow asks a dead provider again as soon as each rest is over, and once more in the middle of each.
func TestRestsGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := answers(t, "a", 0, errors.New("no route to host")).KEK
		began := time.Now()
		for i, want := range []time.Duration{30, 30, 60, 120, 240, 480, 600, 600} {
			want *= time.Second
			k.Unwrap(t.Context(), blob, nil)
			h := k.Health()
			if rest := time.Until(h.Rests); rest != want || !h.Resting(time.Now()) || !h.Since.Equal(began) {
				t.Errorf("failure %d: rests %v, since %v; want %v, since %v", i, rest, h.Since, want, began)
			}
			time.Sleep(time.Until(h.Rests))
			if h.Resting(time.Now()) {
				t.Errorf("failure %d: still resting at the end of its rest", i)
			}
		}
		answer(k, 0, nil)
		k.Unwrap(t.Context(), blob, nil)
		if h := k.Health(); h.Failures != 0 || !h.Since.IsZero() || !h.Rests.IsZero() {
			t.Errorf("it has come back: got %+v, want no failures", h)
		}
	})
}

// A KEK that says nothing is never heard of: it is known by the one that overtook it.
func TestOvertaken(t *testing.T) {
	for _, c := range []struct {
		name     string
		first    time.Duration // milliseconds until the first KEK would answer
		second   time.Duration // how many the second takes
		failures [2]int
	}{
		{"the first was silent for the hedge delay", 60_000, 20, [2]int{1, 0}},
		{"the second was asked a moment before the first answered", 1010, 500, [2]int{0, 0}},
		{"the second was silent too", 2100, 60_000, [2]int{0, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := answers(t, "a", c.first*time.Millisecond, nil), answers(t, "b", c.second*time.Millisecond, nil)
				if _, err := UnwrapFirst(t.Context(), []Candidate{a, b}, nil, anything, nil); err != nil {
					t.Fatal(err)
				}
				if got := [2]int{a.KEK.Health().Failures, b.KEK.Health().Failures}; got != c.failures {
					t.Errorf("got failures %v, want %v", got, c.failures)
				}
			})
		})
	}
}

func TestACallerWhoGoesAwaySaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := answers(t, "a", time.Minute, nil).KEK
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, err := k.Unwrap(ctx, blob, nil); ClassOf(err) != Later {
			t.Errorf("got %v", err)
		}
		if h := k.Health(); h != (Health{}) {
			t.Errorf("got %+v, want nothing", h)
		}
	})
}

func TestHealthOfAnotherClock(t *testing.T) {
	now := time.Now()
	far := Health{Failures: 3, Since: now.Add(time.Hour), Rests: now.Add(24 * time.Hour), Latency: time.Second, Answered: now.Add(time.Hour)}
	if far.Resting(now) || far.latency(now) != 0 {
		t.Errorf("%+v counts at %v", far, now)
	}
	if h := far.failed(now); !h.Since.Equal(now) || h.Rests.Sub(now) != minRest || h.Failures != 1 {
		t.Errorf("after the next failure: got %+v, want the first of a new series", h)
	}
}
