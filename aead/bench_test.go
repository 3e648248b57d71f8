package aead

import (
	"fmt"
	"testing"
)

// Ratios to the limit of the machine are what internal/bench measures. These are for profiles.

func BenchmarkSeal(b *testing.B) {
	benchmark(b, func(a *AEAD, plaintext, ad []byte) func() {
		buf := make([]byte, 0, len(plaintext)+a.Overhead())
		return func() { a.Seal(buf, plaintext, ad) }
	})
}

func BenchmarkOpen(b *testing.B) {
	benchmark(b, func(a *AEAD, plaintext, ad []byte) func() {
		message := a.Seal(nil, plaintext, ad)
		buf := make([]byte, 0, len(plaintext))
		return func() { a.Open(buf, message, ad) }
	})
}

// BenchmarkOpenCached opens what another AEAD sealed: a key that is no longer active, or another process.
func BenchmarkOpenCached(b *testing.B) {
	benchmark(b, func(a *AEAD, plaintext, ad []byte) func() {
		other := mustNew(b, a.suite, make([]byte, KeySize), a.prefix)
		message := other.Seal(nil, plaintext, ad)
		buf := make([]byte, 0, len(plaintext))
		return func() { a.Open(buf, message, ad) }
	})
}

func benchmark(b *testing.B, operation func(a *AEAD, plaintext, ad []byte) func()) {
	for _, suite := range suites {
		for _, size := range []int{64, 1 << 10, 16 << 10, 1 << 20} {
			b.Run(fmt.Sprintf("%v/%d", suite, size), func(b *testing.B) {
				a := mustNew(b, suite, make([]byte, KeySize), make([]byte, 17))
				op := operation(a, make([]byte, size), make([]byte, 37))
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					op()
				}
			})
		}
	}
}

// BenchmarkDerive is what a new selector costs on top.
func BenchmarkDerive(b *testing.B) {
	a := newXAES(b)
	b.ReportAllocs()
	for b.Loop() {
		a.derive([selectorSize]byte{})
	}
}
