package aead

import (
	"fmt"
	"runtime"
	"testing"
)

func TestAllocations(t *testing.T) {
	ad := make([]byte, 37)
	for _, suite := range suites {
		a := mustNew(t, suite, make([]byte, KeySize), make([]byte, 17))
		older := mustNew(t, suite, make([]byte, KeySize), make([]byte, 17))
		for _, size := range []int{0, 64, 16 << 10, 1 << 20} {
			plaintext := make([]byte, size)
			buf := make([]byte, 0, size+a.Overhead())
			message := a.Seal(nil, plaintext, ad)
			older.Open(nil, message, ad) // takes the subkey into the cache
			again := make([]byte, len(message))
			restore := func() { copy(again, message) } // what opening in place has overwritten
			exact := make([]byte, 0, size)
			for _, c := range []struct {
				name string
				want float64
				op   func()
			}{
				{"Seal appended", 0, func() { a.Seal(buf, plaintext, ad) }},
				{"Seal in place", 0, func() { a.Seal(buf, buf[:size], ad) }},
				{"Seal into a fresh slice", 1, func() { a.Seal(nil, plaintext, ad) }},
				{"Open appended", 0, func() { a.Open(exact, message, ad) }},
				{"Open appended, cached subkey", 0, func() { older.Open(exact, message, ad) }},
				{"Open in place", 0, func() { restore(); a.Open(again[:0], again, ad) }},
				{"Open into a fresh slice", min(1, float64(size)), func() { a.Open(nil, message, ad) }},
				{"Open refused", 0, func() { a.Open(exact, message, nil) }},
			} {
				t.Run(fmt.Sprintf("%v/%s/%d", suite, c.name, size), func(t *testing.T) {
					if got := testing.AllocsPerRun(20, c.op); got != c.want {
						t.Errorf("%v allocations, want %v", got, c.want)
					}
				})
			}
		}
	}
}

// TestAppendingGrowsByDoubling: message after message in one slice must not copy all of it at each.
func TestAppendingGrowsByDoubling(t *testing.T) {
	a := mustNew(t, XAES256GCM, make([]byte, KeySize), nil)
	grown := testing.AllocsPerRun(1, func() {
		var all []byte
		for range 1000 {
			all = a.Seal(all, nil, nil)
		}
	})
	if grown > 15 {
		t.Errorf("%v allocations for 1000 messages of 40 bytes, want 11 or so", grown)
	}
}

// TestMemory holds the numbers of AEAD's documentation: a ring has thousands of keys that it only keeps.
func TestMemory(t *testing.T) {
	const n = 1000
	keys, message := make([]*AEAD, n), mustNew(t, XAES256GCM, make([]byte, KeySize), make([]byte, 17)).Seal(nil, nil, nil)
	grown := func(f func(i int)) int {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range n {
			f(i)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		return int(after.HeapAlloc-before.HeapAlloc) / n
	}
	for _, c := range []struct {
		name string
		most int
		f    func(i int)
	}{
		{"a new AEAD", 720, func(i int) { keys[i] = mustNew(t, XAES256GCM, make([]byte, KeySize), make([]byte, 17)) }},
		{"the first message sealed", 950, func(i int) { keys[i].Seal(nil, nil, nil) }},
		{"the first selector opened", 950, func(i int) { keys[i].Open(nil, message, nil) }},
	} {
		if got := grown(c.f); got > c.most || got < c.most/2 {
			t.Errorf("%s takes %d bytes, want %d at most", c.name, got, c.most)
		} else {
			t.Logf("%s takes %d bytes", c.name, got)
		}
	}
	runtime.KeepAlive(keys)
}
