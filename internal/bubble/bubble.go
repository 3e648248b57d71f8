// Package bubble lets tests in bubbles of testing/synctest draw random bytes under GODEBUG=fips140=only.
//
// Go's FIPS 140-3 module seeds its generators by measuring small differences of time, and in a bubble time stands still: a
// generator that is first needed there panics. The module keeps those that it has in a sync.Pool, which every garbage
// collection empties by and by.
package bubble

import (
	"crypto/fips140"
	"crypto/rand"
	"runtime/debug"
	"sync"
)

const (
	// generators are more than draw at one time in a test.
	generators = 16
	// memory is where garbage is collected after all. The largest test of this module allocates a fifth of it.
	memory = 4 << 30
)

// Prepare fills the pool and keeps it full, if FIPS 140-3 mode is on. It is for TestMain.
func Prepare() {
	if !fips140.Enabled() {
		return
	}
	debug.SetMemoryLimit(memory)
	debug.SetGCPercent(-1)
	var drawing sync.WaitGroup
	for range generators { // a seed takes longer than a turn on a processor, so each of them makes its own
		drawing.Go(func() { rand.Read(make([]byte, 1)) })
	}
	drawing.Wait()
}
