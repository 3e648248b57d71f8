package wrappers

import (
	"sync"
	"time"
)

const (
	minRest = 30 * time.Second // also how long a command that failed is remembered by the next one
	maxRest = 10 * time.Minute // how long a provider that has come back may go unnoticed

	// remeasure is how long a latency says something. A KEK that was slow once would otherwise never be asked first again.
	remeasure = time.Hour
)

// Health is what the last calls of a KEK say about its provider. It decides in which order KEKs are asked, and never
// whether one is: a KEK that rests is asked as ever when the others have failed or are slow. Zero is that of a KEK of
// which nothing is known.
//
// It may be kept, and given to the next process in [Options].Health. Nothing is lost with it but the time for asking a KEK
// that is down, and nothing in it is secret.
type Health struct {
	Latency  time.Duration // of the calls that succeeded, smoothed; 0 if none did
	Answered time.Time     // when the last of these ended

	Failures int       // calls in a row that failed, or that were overtaken by another KEK after the hedge delay
	Since    time.Time // when the first of them ended
	Rests    time.Time // until then others are asked first
}

// Resting reports whether others are asked first. A rest that ends further away than one can last, 10 minutes, was written
// by another clock and does not count.
func (h Health) Resting(now time.Time) bool {
	return h.Failures > 0 && now.Before(h.Rests) && h.Rests.Sub(now) <= maxRest
}

// answered returns h after a call that succeeded. Each moves the latency by a quarter of what it differs.
func (h Health) answered(now time.Time, took time.Duration) Health {
	if h.Latency > 0 {
		took = h.Latency + (took-h.Latency)/4
	}
	return Health{Latency: max(took, 1), Answered: now} // 0 would mean that nothing was measured
}

// failed returns h after a call that failed. The KEK rests for as long as it has been failing: twice as long after each
// time that it was asked again in vain.
func (h Health) failed(now time.Time) Health {
	if h.Failures == 0 || h.Since.After(now) {
		h.Failures, h.Since = 0, now
	}
	h.Failures++
	h.Rests = now.Add(min(max(now.Sub(h.Since), minRest), maxRest))
	return h
}

// latency returns the latency, 0 if none was measured within the last hour.
func (h Health) latency(now time.Time) time.Duration {
	if age := now.Sub(h.Answered); age < 0 || age > remeasure {
		return 0
	}
	return h.Latency
}

// record is a Health that several goroutines change.
type record struct {
	mu     sync.Mutex
	health Health
}

func (r *record) get() Health {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.health
}

// change replaces the Health by what next makes of it. The time has no monotonic part: it may be compared after a restart.
func (r *record) change(next func(h Health, now time.Time) Health) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.health = next(r.health, time.Now().Round(0))
}

// Health returns what the last calls say about the KEK's provider.
func (k *KEK) Health() Health { return k.record.get() }
