package aead

import (
	"encoding/binary"
	"fmt"
	"testing"
)

// TestSealedIsUnbiased notes a short message under each value of the ten bits that decide, and of the six beside them:
// what is counted for them is exactly what they are.
func TestSealedIsUnbiased(t *testing.T) {
	for _, size := range []int{0, 1, 1000, largeSize - 1} {
		a := newXAES(t)
		s := a.take(0)
		nonce := make([]byte, nonceSize)
		for i := range 1 << 16 {
			binary.LittleEndian.PutUint16(nonce, uint16(i))
			if n := units(size); n > 0 || sampled(nonce) { // as Seal does
				a.note(s, n, size)
			}
		}
		wantSealed(t, a, 1<<16, 1<<16*uint64(size))
	}
}

// TestSealedCountsLargeMessagesExactly, across subkeys: a budget of three units ends most of them.
func TestSealedCountsLargeMessagesExactly(t *testing.T) {
	for _, suite := range suites {
		a := mustNew(t, suite, make([]byte, KeySize), nil)
		if suite == XAES256GCM {
			a.budget = 3
		}
		var messages, bytes uint64
		for _, size := range []int{largeSize, largeSize + 1, 3 * largeSize, 5*largeSize - 1, largeSize} {
			a.Seal(nil, make([]byte, size), nil)
			messages, bytes = messages+1, bytes+uint64(size)
			wantSealed(t, a, messages, bytes)
		}
		if _, err := a.Open(nil, a.Seal(nil, []byte("short"), nil), nil); err != nil {
			t.Fatal(err)
		}
	}
}

func wantSealed(t *testing.T, a *AEAD, messages, bytes uint64) {
	t.Helper()
	if m, b := a.Sealed(); m != messages || b != bytes {
		t.Errorf("%v: Sealed = %d messages, %d bytes, want %d, %d", a.suite, m, b, messages, bytes)
	}
}

// TestSealedEstimates seals 2^18 messages of 10 bytes in all ways in which a caller can. 256 of them should be sampled,
// with a standard deviation of 16; the bounds are 12 deviations away: that this test fails by chance has a probability
// below 2^-80.
func TestSealedEstimates(t *testing.T) {
	const n, size, allowed = 1 << 18, 10, 12 * 16 * sampleRate
	a := newXAES(t)
	a.budget = 1 << 14 // so that many subkeys take part
	buf := make([]byte, size, 64)
	for range n / 2 {
		a.Seal(buf[:0], buf, nil) // in place: the plaintext moves
		a.Seal(nil, buf, buf)
	}
	messages, bytes := a.Sealed()
	if messages < n-allowed || messages > n+allowed {
		t.Errorf("%d messages were estimated as %d, want between %d and %d", n, messages, n-allowed, n+allowed)
	}
	if bytes != messages*size {
		t.Errorf("%d messages of %d bytes were counted with %d bytes", messages, size, bytes)
	}
}

// TestSealedOfNothing: an AEAD that has only opened has sealed nothing, and a message that was refused was not sealed.
func TestSealedOfNothing(t *testing.T) {
	a, other := newXAES(t), newXAES(t)
	for range 3 {
		if _, err := a.Open(nil, other.Seal(nil, make([]byte, largeSize), nil), nil); err != nil {
			t.Fatal(err)
		}
	}
	wantSealed(t, a, 0, 0)
	wantSealed(t, other, 3, 3*largeSize)
}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		suite           Suite
		messages, bytes uint64
	}{
		{XAES256GCM, 1 << 45, 1 << 61},
		{AES256GCM, 1 << 32, 1 << 52},
		{0, 0, 0}, {3, 0, 0}, {128, 0, 0},
	} {
		if m, b := c.suite.Limits(); m != c.messages || b != c.bytes {
			t.Errorf("%v: Limits = %d, %d, want %d, %d", c.suite, m, b, c.messages, c.bytes)
		}
	}
	// The bytes of XAES-256-GCM are those of the subkeys that its messages take.
	messages, bytes := XAES256GCM.Limits()
	if subkeys := messages / maxUnits; bytes != subkeys*maxUnits*largeSize {
		t.Errorf("%d subkeys of %d bytes each are not %d bytes", subkeys, maxUnits*largeSize, bytes)
	}
}

func BenchmarkSealParallel(b *testing.B) {
	for _, size := range []int{64, 1 << 10, largeSize} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			a := mustNew(b, XAES256GCM, make([]byte, KeySize), make([]byte, 17))
			b.SetBytes(int64(size))
			b.RunParallel(func(pb *testing.PB) {
				plaintext, ad := make([]byte, size), make([]byte, 37)
				buf := make([]byte, 0, size+a.Overhead()+128)
				for pb.Next() {
					a.Seal(buf, plaintext, ad)
				}
			})
		})
	}
}
