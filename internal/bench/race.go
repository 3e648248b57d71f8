package main

import (
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// turn is how long a contestant runs in each round: long enough for the clock, short enough that the machine's mood is
// the same for all of them.
const turn = 400 * time.Microsecond

// A contestant is one way to seal or to open.
type contestant struct {
	name string
	of   string // the contestant whose time is divided by this one's
	goal string
	// worker returns an operation on messages of size bytes, with buffers of its own: each goroutine gets one.
	worker func(size int) func()
}

// A result is what one contestant did with messages of one size.
type result struct {
	ratio  float64
	allocs int
}

// heats is how often a race gets new buffers: which pages of memory they happen to lie in makes 4% at 1 MiB.
const heats = 8

// race measures all contestants on messages of one size, each on so many goroutines at once.
func race(field []contestant, size, goroutines, rounds int) []result {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	took := make([][]float64, len(field)) // nanoseconds an operation, by contestant and round
	var lanes [][]runner                  // of all heats, so that their buffers are not freed and given out again
	for range heats {
		runners := make([]runner, len(field))
		for i, c := range field {
			runners[i] = newRunner(c, size, goroutines)
		}
		lanes = append(lanes, runners)
		for range max(1, rounds/heats) {
			runtime.GC()                                   // here, where nobody is timed: whose turn it would hit is luck
			for _, next := range rand.Perm(len(runners)) { // who comes early finds free memory, who comes late does not
				took[next] = append(took[next], runners[next].run())
			}
		}
	}
	results := make([]result, len(field))
	for i, c := range field {
		base := slices.IndexFunc(field, func(other contestant) bool { return other.name == c.of })
		results[i] = result{medianRatio(took[base], took[i]), int(testing.AllocsPerRun(20, lanes[0][i].ops[0]))}
	}
	return results
}

// medianRatio returns the median over the rounds of base divided by took.
func medianRatio(base, took []float64) float64 {
	ratios := make([]float64, len(took))
	for i := range took {
		ratios[i] = base[i] / took[i]
	}
	slices.Sort(ratios)
	return (ratios[(len(ratios)-1)/2] + ratios[len(ratios)/2]) / 2
}

// A runner repeats a contestant's operation, on as many goroutines as it has operations.
type runner struct {
	ops   []func()
	batch int // operations of each goroutine that take about one turn
}

func newRunner(c contestant, size, goroutines int) runner {
	r := runner{batch: 1}
	for range goroutines {
		r.ops = append(r.ops, c.worker(size))
	}
	for r.run()*float64(r.batch) < float64(turn) {
		r.batch *= 2
	}
	r.batch = max(1, int(float64(turn)/r.run()))
	return r
}

// run returns how many nanoseconds one operation of one goroutine took, on the average over all goroutines.
func (r *runner) run() float64 {
	var ready atomic.Int32
	took := make(chan time.Duration, len(r.ops))
	for _, op := range r.ops[1:] {
		go func() { took <- r.lap(op, &ready) }()
	}
	took <- r.lap(r.ops[0], &ready)
	var sum time.Duration
	for range r.ops {
		sum += <-took
	}
	return float64(sum) / float64(len(r.ops)*r.batch)
}

// lap waits until all goroutines are ready, and repeats op.
func (r *runner) lap(op func(), ready *atomic.Int32) time.Duration {
	for ready.Add(1); ready.Load() < int32(len(r.ops)); {
		runtime.Gosched()
	}
	start := time.Now()
	for range r.batch {
		op()
	}
	return time.Since(start)
}
