package wrappers

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

func withHealth(t *testing.T, name string, h Health) Candidate {
	t.Helper()
	return Candidate{newKEK(t, &schemer{newFake(), "fake/1"}, &Options{Provider: "fake", Name: name, Health: h}), blob}
}

func TestOrder(t *testing.T) {
	now := time.Now()
	measured := func(ms time.Duration, ago time.Duration) Health {
		return Health{Latency: ms * time.Millisecond, Answered: now.Add(-ago)}
	}
	rests := Health{Failures: 1, Since: now, Rests: now.Add(minRest)}
	rested := Health{Failures: 1, Since: now.Add(-minRest), Rests: now}
	for _, c := range []struct {
		name            string
		healths         []Health
		given, fastests []int
	}{
		{"nothing known", []Health{{}, {}, {}}, []int{0, 1, 2}, []int{0, 1, 2}},
		{"slow, fast", []Health{measured(300, 0), measured(20, 0)}, []int{0, 1}, []int{1, 0}},
		{"one not measured yet", []Health{measured(20, 0), {}}, []int{0, 1}, []int{1, 0}},
		{"one not measured for long", []Health{measured(20, 0), measured(300, 2*time.Hour)}, []int{0, 1}, []int{1, 0}},
		{"equally fast", []Health{measured(20, 0), measured(20, time.Minute)}, []int{0, 1}, []int{0, 1}},
		{"the first rests", []Health{rests, measured(20, 0), {}}, []int{1, 2, 0}, []int{2, 1, 0}},
		{"the first has rested", []Health{rested, measured(20, 0)}, []int{0, 1}, []int{0, 1}},
		{"all rest", []Health{rests, rests, rests}, []int{0, 1, 2}, []int{0, 1, 2}},
	} {
		var candidates []Candidate
		for i, h := range c.healths {
			candidates = append(candidates, withHealth(t, fmt.Sprint(i), h))
		}
		if got := queue(candidates, AsGiven, now); !slices.Equal(got, c.given) {
			t.Errorf("%s, as given: got %v, want %v", c.name, got, c.given)
		}
		if got := queue(candidates, FastestFirst, now); !slices.Equal(got, c.fastests) {
			t.Errorf("%s, fastest first: got %v, want %v", c.name, got, c.fastests)
		}
	}
}

// TestOrderOfEverybody draws KEKs of all kinds and healths, and wants of any two that stand next to each other that nothing
// speaks for the other order.
func TestOrderOfEverybody(t *testing.T) {
	now := time.Now()
	rapid.Check(t, func(rt *rapid.T) {
		var candidates []Candidate
		most := 0
		for i := range rapid.IntRange(0, 6).Draw(rt, "candidates") {
			c := withHealth(t, fmt.Sprint(i), drawHealth(rt, now))
			c.KEK.options.Inactive = rapid.Bool().Draw(rt, "inactive")
			c.KEK.traits.waitsForPerson = rapid.Bool().Draw(rt, "asks a person")
			c.KEK.traits.wrapOnly = rapid.IntRange(0, 4).Draw(rt, "wrap-only") == 0
			if !c.KEK.WrapOnly() {
				most++
			}
			candidates = append(candidates, c)
		}
		order := rapid.SampledFrom([]Order{AsGiven, FastestFirst}).Draw(rt, "order")
		got := queue(candidates, order, now)
		if again := queue(candidates, order, now); !slices.Equal(got, again) {
			rt.Fatalf("got %v, then %v", got, again)
		}
		if distinct := slices.Compact(slices.Sorted(slices.Values(got))); len(distinct) != most || len(got) != most {
			rt.Fatalf("got %v, want each of the %d that can unwrap once", got, most)
		}
		for n := 1; n < len(got); n++ {
			before, after := got[n-1], got[n]
			if objection(candidates[before].KEK, candidates[after].KEK, before, after, order, now) {
				rt.Fatalf("%d is asked before %d: %+v, %+v", before, after, candidates[before].KEK.Health(), candidates[after].KEK.Health())
			}
		}
	})
}

func drawHealth(rt *rapid.T, now time.Time) Health {
	minutes := func(name string) time.Duration {
		return time.Duration(rapid.IntRange(-90, 90).Draw(rt, name)) * time.Minute
	}
	return Health{
		Latency:  time.Duration(rapid.IntRange(0, 3).Draw(rt, "latency")) * 100 * time.Millisecond,
		Answered: now.Add(minutes("answered")),
		Failures: rapid.IntRange(0, 2).Draw(rt, "failures"),
		Since:    now.Add(minutes("since")),
		Rests:    now.Add(minutes("rests") / 8),
	}
}

// objection says in words of its own what is wrong with asking a before b.
func objection(a, b *KEK, i, j int, order Order, now time.Time) bool {
	rests := func(k *KEK) bool {
		h := k.Health()
		left := h.Rests.Sub(now)
		return h.Failures > 0 && left > 0 && left <= 10*time.Minute
	}
	speed := func(k *KEK) time.Duration {
		if h := k.Health(); !h.Answered.After(now) && h.Answered.After(now.Add(-time.Hour-1)) {
			return h.Latency
		}
		return 0
	}
	switch {
	case a.WaitsForPerson() != b.WaitsForPerson():
		return a.WaitsForPerson()
	case rests(a) != rests(b):
		return rests(a)
	case order == FastestFirst && a.Active() != b.Active():
		return !a.Active()
	case order == FastestFirst && speed(a) != speed(b):
		return cmp.Less(speed(b), speed(a))
	}
	return i > j
}

// TestADeadKEKIsNotAskedFirstAgain starts again and again while the first KEK of the config is silent.
func TestADeadKEKIsNotAskedFirstAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dead, well := answers(t, "dead", time.Hour, nil), answers(t, "well", 20*time.Millisecond, nil)
		unwrap := func() *First {
			t.Helper()
			first, err := UnwrapFirst(t.Context(), []Candidate{dead, well}, nil, anything, nil)
			if err != nil {
				t.Fatal(err)
			}
			return first
		}
		paid := []string{"fake.dead +0s 1.02s " + ErrNotNeeded.Error(), "fake.well +1s 20ms ok"}
		alone := []string{"fake.well +0s 20ms ok"}
		wantAttempts(t, unwrap().Attempts, paid...)
		for range 20 { // within the rest of 30 s
			wantAttempts(t, unwrap().Attempts, alone...)
			time.Sleep(time.Second)
		}
		time.Sleep(15 * time.Second)
		wantAttempts(t, unwrap().Attempts, paid...) // is it back?
		wantAttempts(t, unwrap().Attempts, alone...)
		time.Sleep(time.Hour)
		synctest.Wait() // for the calls that were given up
		answer(dead.KEK, 10*time.Millisecond, nil)
		wantAttempts(t, unwrap().Attempts, "fake.dead +0s 10ms ok")
		wantAttempts(t, unwrap().Attempts, "fake.dead +0s 10ms ok")
	})
}

// A KEK that rests is still asked when the others fail.
func TestRestingIsNoRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := answers(t, "a", 0, nil), answers(t, "b", 0, errors.New("denied"))
		a.KEK.record.health = Health{Failures: 1, Since: time.Now(), Rests: time.Now().Add(minRest)}
		first, err := UnwrapFirst(t.Context(), []Candidate{a, b}, nil, anything, nil)
		if err != nil {
			t.Fatal(err)
		}
		wantAttempts(t, first.Attempts, "fake.b +0s 0s denied", "fake.a +0s 0s ok")
	})
}

func TestTheFastestOpens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ms = time.Millisecond
		candidates := []Candidate{answers(t, "a", 300*ms, nil), answers(t, "b", 20*ms, nil), answers(t, "c", 90*ms, nil)}
		for _, want := range []string{
			"fake.a +0s 300ms ok", "fake.b +0s 20ms ok", "fake.c +0s 90ms ok", // each is measured once
			"fake.b +0s 20ms ok", "fake.b +0s 20ms ok",
		} {
			first, err := UnwrapFirst(t.Context(), candidates, nil, anything, &HedgeOptions{Order: FastestFirst})
			if err != nil {
				t.Fatal(err)
			}
			wantAttempts(t, first.Attempts, want)
		}
	})
}
