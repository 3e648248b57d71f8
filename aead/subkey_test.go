package aead

import (
	"bytes"
	"crypto/rand"
	"math"
	"testing"
)

// selectorOf returns the selector of a message without prefix.
func selectorOf(message []byte) [selectorSize]byte { return [selectorSize]byte(message) }

func newXAES(t testing.TB) *AEAD {
	t.Helper()
	return mustNew(t, XAES256GCM, make([]byte, KeySize), nil)
}

func TestSelectorIsKept(t *testing.T) {
	a := newXAES(t)
	first := selectorOf(a.Seal(nil, nil, nil))
	nonces := map[string]bool{}
	for range 1000 {
		message := a.Seal(nil, nil, nil)
		if got := selectorOf(message); got != first {
			t.Fatalf("selector %x follows %x after a few messages", got, first)
		}
		nonces[string(message[selectorSize:selectorSize+nonceSize])] = true
	}
	if len(nonces) != 1000 {
		t.Errorf("%d different nonces in 1000 messages", len(nonces))
	}
	if other := selectorOf(newXAES(t).Seal(nil, nil, nil)); other == first {
		t.Error("two AEADs of one key drew the same selector")
	}
}

func TestUnits(t *testing.T) {
	for _, c := range []struct {
		size int
		want int64
	}{
		{0, 0}, {1, 0}, {largeSize - 1, 0}, {largeSize, 1}, {largeSize + 1, 2}, {2 * largeSize, 2}, {1 << 20, 16},
	} {
		if got := units(c.size); got != c.want {
			t.Errorf("a message of %d bytes is %d units, want %d", c.size, got, c.want)
		}
	}
	if got := int64(maxPlaintext/largeSize + 1); got > maxUnits {
		t.Errorf("the longest message is %d units, more than the %d of a subkey", got, maxUnits)
	}
}

// TestLargeMessagesAreCountedExactly seals messages of one unit and more under a budget of ten.
func TestLargeMessagesAreCountedExactly(t *testing.T) {
	for _, c := range []struct{ size, each int }{
		{largeSize, 10}, {largeSize + 1, 5}, {3 * largeSize, 3}, {10 * largeSize, 1}, {11 * largeSize, 1},
	} {
		a := newXAES(t)
		a.budget = 10
		var run, last int
		var previous [selectorSize]byte
		for range 100 {
			selector := selectorOf(a.Seal(nil, make([]byte, c.size), nil))
			if selector != previous {
				last, run, previous = run, 0, selector
				if last != 0 && last != c.each {
					t.Errorf("messages of %d bytes: selector changed after %d, want %d", c.size, last, c.each)
				}
			}
			run++
		}
	}
}

// TestShortMessagesSpendTheBudget counts what sampling counts, without waiting for it to happen.
func TestShortMessagesSpendTheBudget(t *testing.T) {
	a := newXAES(t)
	first := a.Seal(nil, []byte("first"), nil)
	s := a.sealing.Load()
	for i := range maxUnits/sampleRate - 1 {
		a.count(s)
		if a.sealing.Load() != s {
			t.Fatalf("subkey was given up after %d of %d samples", i+1, maxUnits/sampleRate)
		}
	}
	a.count(s)
	second := a.Seal(nil, []byte("second"), nil)
	if selectorOf(first) == selectorOf(second) {
		t.Error("same selector after the budget was spent")
	}
	for want, message := range map[string][]byte{"first": first, "second": second} {
		if got, err := a.Open(nil, message, nil); err != nil || string(got) != want {
			t.Errorf("Open = %q, %v, want %q", got, err, want)
		}
	}
	a.count(s) // late, by a goroutine that was still sealing with it
	if third := a.Seal(nil, nil, nil); selectorOf(third) != selectorOf(second) {
		t.Error("a late count of the old subkey ended the new one")
	}
}

func TestLostRaceForANewSubkey(t *testing.T) {
	a := newXAES(t)
	winner := selectorOf(a.Seal(nil, nil, nil))
	loser := a.replace(nil, 3) // saw no subkey, was late
	if got := selectorOf(loser.head); got == winner || loser.used.Load() != 3 {
		t.Errorf("the loser seals with selector %x, charged %d; want one of its own, charged 3", got, loser.used.Load())
	}
	if got := selectorOf(a.Seal(nil, nil, nil)); got != winner {
		t.Errorf("selector %x follows, want the winner's %x", got, winner)
	}
}

func TestAES256GCMHasOneKeyForever(t *testing.T) {
	a := mustNew(t, AES256GCM, make([]byte, KeySize), nil)
	s := a.sealing.Load()
	for range 2 * maxUnits / sampleRate {
		a.count(s)
	}
	s.used.Store(math.MaxInt64 / 2)
	a.Seal(nil, make([]byte, largeSize), nil)
	if a.sealing.Load() != s {
		t.Error("AES-256-GCM gave up its key")
	}
}

// TestSampledIsOneIn1024 tries all values of the two bytes that decide.
func TestSampledIsOneIn1024(t *testing.T) {
	nonce := make([]byte, nonceSize)
	hits := 0
	for i := range 1 << 16 {
		nonce[0], nonce[1] = byte(i), byte(i>>8)
		rand.Read(nonce[2:])
		if sampled(nonce) {
			hits++
		}
	}
	if hits != 1<<16/sampleRate {
		t.Errorf("%d of 65536 nonces are sampled, want 64", hits)
	}
}

// TestEstimate seals 2^18 messages. 256 of them should be sampled, with a standard deviation of 16; the bounds are 12
// deviations away, and that this test fails by chance has a probability below 2^-80.
func TestEstimate(t *testing.T) {
	const n, allowed = 1 << 18, 12 * 16 * sampleRate
	a := newXAES(t)
	buf := make([]byte, 0, 64)
	for range n {
		buf = a.Seal(buf[:0], nil, nil)
	}
	if got := a.sealing.Load().used.Load(); got < n-allowed || got > n+allowed {
		t.Errorf("%d messages were estimated as %d, want between %d and %d", n, got, n-allowed, n+allowed)
	}
}

func TestOnlyAuthenticMessagesReachTheCache(t *testing.T) {
	opener := newXAES(t)
	for i := range cacheSize {
		message := newXAES(t).Seal(nil, []byte("text"), nil)
		for range 2 {
			if _, err := opener.Open(nil, message, nil); err != nil {
				t.Fatal(err)
			}
		}
		if got := kept(opener); got != i+1 {
			t.Fatalf("%d subkeys in the cache after messages with %d selectors", got, i+1)
		}
	}
	var before [cacheSize]*subkey
	for i := range before {
		before[i] = opener.opened[i].Load()
	}
	for range 100 {
		if _, err := opener.Open(nil, randomBytes(60), nil); err != ErrOpen {
			t.Fatalf("Open of random bytes = %v, want ErrOpen", err)
		}
	}
	for i := range before {
		if opener.opened[i].Load() != before[i] {
			t.Errorf("forged messages changed place %d of the cache", i)
		}
	}

	one := newXAES(t).Seal(nil, []byte("text"), nil)
	if _, err := opener.Open(nil, one, nil); err != nil {
		t.Fatal(err)
	}
	changed := 0
	for i := range before {
		if s := opener.opened[i].Load(); s != before[i] {
			changed++
			if !bytes.Equal(s.head, one[:selectorSize]) {
				t.Errorf("the newcomer's head is %x, want %x", s.head, one[:selectorSize])
			}
		}
	}
	if changed != 1 {
		t.Errorf("one more selector changed %d places of the full cache, want 1", changed)
	}
}

// TestOwnMessagesNeedNoCache: what an AEAD sealed under its present selector opens with the subkey that sealed it.
func TestOwnMessagesNeedNoCache(t *testing.T) {
	a := newXAES(t)
	if _, err := a.Open(nil, a.Seal(nil, nil, nil), nil); err != nil {
		t.Fatal(err)
	}
	if got := kept(a); got != 0 {
		t.Errorf("%d subkeys in the cache, want none", got)
	}
}

func TestSameSubkeyIsKeptOnce(t *testing.T) {
	a := newXAES(t)
	for range 3 { // as by three goroutines that met the selector at once
		a.opened.put(a.derive([selectorSize]byte{1}))
		a.opened.put(a.derive([selectorSize]byte{2}))
	}
	if got := kept(a); got != 2 {
		t.Errorf("%d subkeys in the cache, want 2", got)
	}
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}
