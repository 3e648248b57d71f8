package main

import (
	"testing"
	"time"
)

func TestMedianRatio(t *testing.T) {
	for _, c := range []struct {
		base, took []float64
		want       float64
	}{
		{[]float64{9}, []float64{10}, .9},
		{[]float64{1, 9, 100}, []float64{10, 10, 10}, .9},      // not the mean
		{[]float64{10, 1000}, []float64{20, 2000}, .5},         // a slow round is slow for both
		{[]float64{5, 1, 7, 9}, []float64{10, 10, 10, 10}, .6}, // between the middle two
	} {
		if got := medianRatio(c.base, c.took); got != c.want {
			t.Errorf("medianRatio(%v, %v) = %v, want %v", c.base, c.took, got, c.want)
		}
	}
}

// TestRaceFindsTheSlow has a contestant that takes three times as long as the limit.
func TestRaceFindsTheSlow(t *testing.T) {
	spin := func(d time.Duration) func(int) func() {
		return func(int) func() {
			return func() {
				for start := time.Now(); time.Since(start) < d; {
				}
			}
		}
	}
	got := race([]contestant{
		{limit, limit, "", spin(50 * time.Microsecond)},
		{"slow", limit, "", spin(150 * time.Microsecond)},
	}, 0, 1, 20)
	if got[0].ratio != 1 || got[1].ratio < .1 || got[1].ratio > .6 {
		t.Errorf("ratios %v, want 1 and a third", got)
	}
}

// TestEveryContestantWorks runs each once at each size: what they return is checked by themselves.
func TestEveryContestantWorks(t *testing.T) {
	h, err := newHolders(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range append(h.sealing(), h.opening()...) {
		for _, size := range sizes {
			c.worker(size)()
		}
	}
}
