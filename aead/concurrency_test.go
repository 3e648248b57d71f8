package aead

import (
	"bytes"
	"sync"
	"testing"
)

// TestConcurrentUse has goroutines seal and open with two AEADs of one key, whose subkeys last for a few messages only,
// so that sealing subkeys and cache change all the time. Run it with -race.
func TestConcurrentUse(t *testing.T) {
	const goroutines, messages = 8, 500
	a, b := newXAES(t), newXAES(t)
	a.budget, b.budget = 7, 7
	seen := make([]map[[selectorSize]byte]bool, goroutines)
	var wait sync.WaitGroup
	for g := range goroutines {
		seen[g] = map[[selectorSize]byte]bool{}
		wait.Go(func() {
			sealer, opener := a, b
			if g%2 == 1 {
				sealer, opener = b, a
			}
			for i := range messages {
				plaintext := bytes.Repeat([]byte{byte(g), byte(i)}, i%3*largeSize/2)
				message := sealer.Seal(nil, plaintext, []byte{byte(g)})
				seen[g][selectorOf(message)] = true
				for _, x := range []*AEAD{sealer, opener} {
					if got, err := x.Open(nil, message, []byte{byte(g)}); err != nil || !bytes.Equal(got, plaintext) {
						t.Errorf("goroutine %d, message %d: Open = %d bytes, %v, want %d bytes", g, i, len(got), err, len(plaintext))
					}
				}
			}
		})
	}
	wait.Wait()
	all := map[[selectorSize]byte]bool{}
	for _, s := range seen {
		for selector := range s {
			all[selector] = true
		}
	}
	// Each goroutine seals 166 messages of one unit and as many of two. A subkey takes seven units at most.
	if least := goroutines * 166 * 3 / 7; len(all) < least {
		t.Errorf("%d selectors, want %d at least", len(all), least)
	}
}
