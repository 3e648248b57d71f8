package keyring

import (
	"testing"
	"time"
)

// TestPausesOfMaintain: who maintains looks again at what comes next, and at least as often as the ring looks at its store:
// another process may have planned something.
func TestPausesOfMaintain(t *testing.T) {
	for _, c := range []struct {
		name    string
		period  time.Duration
		refresh time.Duration
		next    time.Duration // from now; 0 for nothing
		least   time.Duration
		most    time.Duration
	}{
		{"nothing comes", month, -1, 0, 10 * time.Minute, 10 * time.Minute},
		{"nothing comes, and the ring follows its store", month, 30 * time.Second, 0, 30 * time.Second, 30 * time.Second},
		{"a short period", time.Hour, time.Minute, 0, 18 * time.Second, 18 * time.Second},
		{"a period of a second", time.Second, time.Minute, 0, time.Second, time.Second},
		{"something comes soon", month, -1, time.Minute, time.Minute, time.Minute + maxSpread},
		{"something comes later", month, 30 * time.Second, time.Minute, 30 * time.Second, 30 * time.Second},
		{"something should have come", month, -1, -time.Hour, 10 * time.Millisecond, maxSpread},
	} {
		r := &Ring{opts: Options{Rotation: Rotation{Period: c.period}, RefreshInterval: c.refresh}}
		var s Schedule
		if c.next != 0 {
			s.Next = dawn.Add(c.next)
		}
		for range 100 {
			if got := newMaintainer(r).pause(s, dawn); got < c.least || got > c.most {
				t.Errorf("%s: a pause of %v, want %v to %v", c.name, got, c.least, c.most)
				break
			}
		}
	}
}
