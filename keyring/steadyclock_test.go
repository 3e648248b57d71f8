package keyring

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestSteadyClock(t *testing.T) {
	const patience = time.Hour
	type look struct {
		after, jump time.Duration // since the look before
		off         time.Duration // what it returns, against the test's clock
		doubt       bool
	}
	for _, c := range []struct {
		name  string
		looks []look
	}{
		{"even", []look{{0, 0, 0, false}, {time.Minute, 0, 0, false}, {100 * day, 0, 0, false}}},
		{"wrong from the start", []look{{0, day, day, false}, {time.Minute, 0, day, false}}},
		{"a small jump", []look{{0, 0, 0, false}, {time.Minute, time.Hour, time.Hour, false}, {time.Minute, -time.Hour, 0, false}}},
		{"drift", []look{{0, 0, 0, false}, {day, time.Minute, time.Minute, false}, {day, time.Hour, time.Hour + time.Minute, false}, {day, time.Hour, 2*time.Hour + time.Minute, false}}},
		{"ahead for a while", []look{{0, 0, 0, false}, {time.Minute, 365 * day, 0, true}, {59 * time.Minute, 0, 0, true}, {time.Second, -365 * day, 0, false}}},
		{"back for a while", []look{{0, 0, 0, false}, {time.Minute, -day, 0, true}, {time.Minute, day, 0, false}}},
		{"ahead for good", []look{{0, 0, 0, false}, {time.Minute, day, 0, true}, {time.Hour, 0, day, false}, {time.Hour, 0, day, false}}},
		{"back for good", []look{{0, 0, 0, false}, {time.Minute, -day, 0, true}, {time.Hour, 0, -day, false}}},
		{"twice for a while", []look{{0, 0, 0, false}, {time.Minute, day, 0, true}, {50 * time.Minute, -day, 0, false}, {time.Minute, day, 0, true}, {50 * time.Minute, 0, 0, true}}},
		{"another time at each look", []look{{0, 0, 0, false}, {time.Minute, day, 0, true}, {50 * time.Minute, day, 0, true}, {50 * time.Minute, day, 3 * day, false}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var jumped time.Duration
				clock := steadyClock{tell: func() time.Time { return time.Now().Add(jumped) }, patience: patience}
				for i, l := range c.looks {
					time.Sleep(l.after)
					jumped += l.jump
					now, doubt := clock.now()
					if off := now.Sub(time.Now().Round(0)); off != l.off || doubt != l.doubt {
						t.Errorf("look %d: off by %v, doubt %v; want %v, %v", i, off, doubt, l.off, l.doubt)
					}
				}
			})
		})
	}
}
