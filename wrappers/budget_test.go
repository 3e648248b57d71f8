package wrappers

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// clocked is a KEK whose calls are noted, and take no time.
type clocked struct {
	*KEK
	mu    sync.Mutex
	calls []time.Time
}

func newClocked(t *testing.T, o Options) *clocked {
	t.Helper()
	c, f := &clocked{}, newFake()
	f.decrypt = func(context.Context, []byte) ([]byte, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.calls = append(c.calls, time.Now())
		return []byte("x"), nil
	}
	o.Provider = "fake"
	c.KEK = newKEK(t, &schemer{f, "fake/1"}, &o)
	return c
}

// busiest returns the largest number of calls that began within some stretch of time.
func busiest(calls []time.Time, within time.Duration) int {
	most := 0
	for first, last := 0, 0; last < len(calls); last++ {
		for calls[last].Sub(calls[first]) >= within {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}

// TestNoMinuteHasMoreCalls has callers come as they like, for an hour.
func TestNoMinuteHasMoreCalls(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		perMinute := rapid.IntRange(1, 100).Draw(rt, "calls per minute")
		pauses := rapid.SliceOfN(rapid.IntRange(0, 30_000), 1, 20).Draw(rt, "milliseconds between callers")
		synctest.Test(t, func(t *testing.T) {
			k := newClocked(t, Options{CallsPerMinute: perMinute, Timeout: 2 * time.Minute})
			for i, began := 0, time.Now(); time.Since(began) < time.Hour && i < 3000; i++ {
				if i%7 == 0 {
					time.Sleep(time.Duration(pauses[i/7%len(pauses)]) * time.Millisecond)
				}
				k.Unwrap(t.Context(), blob, nil)
			}
			if most := busiest(k.calls, time.Minute); most > perMinute {
				t.Errorf("%d calls in one minute, want at most %d", most, perMinute)
			}
		})
	})
}

// Who never stops asking gets nearly all that is allowed, and not much less.
func TestBudgetIsUsedUp(t *testing.T) {
	for _, perMinute := range []int{1, 2, 4, 60, 600} {
		synctest.Test(t, func(t *testing.T) {
			k := newClocked(t, Options{CallsPerMinute: perMinute, Timeout: 2 * time.Minute})
			for range 3 * perMinute {
				if _, err := k.Unwrap(t.Context(), blob, nil); err != nil {
					t.Fatal(err)
				}
			}
			if most := busiest(k.calls, time.Minute); most != perMinute {
				t.Errorf("%d calls in the busiest minute, want %d", most, perMinute)
			}
			if took := k.calls[len(k.calls)-1].Sub(k.calls[0]); took > 4*time.Minute {
				t.Errorf("three minutes' calls took %v", took)
			}
		})
	}
}

func TestOverBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newClocked(t, Options{CallsPerMinute: 4})
		text := "wrappers: unwrap with fake: not called: calls_per_minute = 4 is used up, and the next call is free in 15s; wait, or raise it in the keyring block"
		if _, err := k.Unwrap(t.Context(), blob, nil); err != nil {
			t.Fatal(err)
		}
		before, began := k.Health(), time.Now()
		_, err := k.Unwrap(t.Context(), blob, nil)
		wantError(t, err, Later, text)
		if took := time.Since(began); took != 0 || len(k.calls) != 1 || k.Health() != before {
			t.Errorf("refused after %v and %d calls, health %+v; want at once, without another, and %+v", took, len(k.calls), k.Health(), before)
		}
		_, err = k.Wrap(t.Context(), []byte("x"), nil)
		wantError(t, err, Later, strings.Replace(text, "unwrap", "wrap", 1))

		time.Sleep(6 * time.Second) // now the turn comes within the 10 s that an attempt may take
		if _, err := k.Unwrap(t.Context(), blob, nil); err != nil || time.Since(began).Round(time.Millisecond) != 15*time.Second {
			t.Errorf("got %v after %v, want a call after 15s", err, time.Since(began))
		}
	})
}

func TestTurnAfterTheCallersDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newClocked(t, Options{CallsPerMinute: 12})
		for range 3 {
			k.Unwrap(t.Context(), blob, nil)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		_, err := k.Unwrap(ctx, blob, nil)
		wantError(t, err, Later, "wrappers: unwrap with fake: not called: calls_per_minute = 12 is used up, and the next call is free in 6s; wait, or raise it in the keyring block")
		if took := time.Since(began); took != 0 {
			t.Errorf("refused after %v, want at once", took)
		}
	})
}

func TestWaitForATurnEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newClocked(t, Options{CallsPerMinute: 12})
		for range 3 {
			k.Unwrap(t.Context(), blob, nil)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errors.New("shutting down")) })
		began := time.Now()
		_, err := k.Unwrap(ctx, blob, nil)
		wantError(t, err, Later, "wrappers: unwrap with fake: shutting down")
		if took := time.Since(began); took != time.Second || len(k.calls) != 3 {
			t.Errorf("returned after %v and %d calls, want 1s and 3", took, len(k.calls))
		}
	})
}

func TestRetriesCountToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := failing(99, Later)
		k := newKEK(t, w, &Options{Provider: "fake", CallsPerMinute: 2, Attempts: 9, Timeout: time.Second})
		_, err := k.Unwrap(t.Context(), blob, nil)
		if _, over := errors.AsType[overBudget](err); !over || w.calls.Load() != 1 {
			t.Errorf("got %v after %d calls, want the budget's refusal after 1", err, w.calls.Load())
		}
	})
}

func TestNoBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, began := newClocked(t, Options{CallsPerMinute: -1}), time.Now()
		for range 2 * DefaultCallsPerMinute {
			if _, err := k.Unwrap(t.Context(), blob, nil); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("took %v", took)
		}
	})
}

type offline struct{ *fake }

func (offline) Offline() bool { return true }

func TestOnlyProvidersHaveABudgetOfTheirOwn(t *testing.T) {
	for _, c := range []struct {
		k    *KEK
		want int // 0: none
	}{
		{newKEK(t, newFake(), nil), DefaultCallsPerMinute},
		{newKEK(t, offline{newFake()}, nil), 0},
		{newKEK(t, offline{newFake()}, &Options{CallsPerMinute: 7}), 7},
	} {
		if got := c.k.budget.perMinute; got != c.want {
			t.Errorf("%T: got %d calls a minute, want %d", c.k.wrapper, got, c.want)
		}
	}
}

// A KEK that is over its budget is no reason to wait while there is another.
func TestOverBudgetStartsTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spent := newClocked(t, Options{Name: "a", CallsPerMinute: 1})
		spent.Unwrap(t.Context(), blob, nil)
		first, err := UnwrapFirst(t.Context(), []Candidate{{spent.KEK, blob}, answering(t, "b", 0, "B", nil)}, nil, anything, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(first.Attempts) != 2 || first.Index != 1 || first.Attempts[1].Started != 0 {
			t.Errorf("got %+v, want b at once", first.Attempts)
		}
	})
}

// TestAThousandRingsOfOneKEK has a thousand rings of one program start at once, and come again when they are refused.
func TestAThousandRingsOfOneKEK(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rings = 1000
		k, began := newClocked(t, Options{}), time.Now()
		var all sync.WaitGroup
		for range rings {
			all.Go(func() {
				for {
					first, err := UnwrapFirst(t.Context(), []Candidate{{k.KEK, blob}}, nil, anything, nil)
					if err == nil {
						clear(first.Plaintext)
						return
					}
					if ClassOf(err) != Later {
						t.Error(err)
						return
					}
					time.Sleep(rand.N(10 * time.Second))
				}
			})
		}
		all.Wait()
		minute, second := busiest(k.calls, time.Minute), busiest(k.calls, time.Second)
		t.Logf("%d calls for %d rings in %v, at most %d in a second and %d in a minute", len(k.calls), rings, time.Since(began).Round(time.Second), second, minute)
		if len(k.calls) != rings || minute > DefaultCallsPerMinute || second > DefaultCallsPerMinute/4+8 {
			t.Errorf("want %d calls, at most %d in a minute and %d in a second", rings, DefaultCallsPerMinute, DefaultCallsPerMinute/4+8)
		}
		if took := time.Since(began); took > 3*time.Minute {
			t.Errorf("the last ring opened after %v", took)
		}
	})
}
