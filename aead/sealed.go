package aead

import "sync/atomic"

// sealed is what an AEAD has sealed under all of its subkeys. It stands behind everything that Seal only reads: what is
// written now and then must not take that from another core's cache.
type sealed struct{ messages, bytes atomic.Uint64 }

// Sealed estimates how many messages a has sealed since New, and how many bytes their plaintexts had.
//
// Messages of 64 KiB and more are counted exactly. One in 1024 of the shorter ones is counted, for 1024 messages and 1024
// times its bytes, so the estimates are unbiased: of n short messages of one size both are off by 32/√n on one standard
// deviation, which is 3 % for 2^20 messages. After a few short messages they usually are still zero.
//
// The two are read one after the other, and may differ by what is being sealed meanwhile.
func (a *AEAD) Sealed() (messages, bytes uint64) {
	return a.sealed.messages.Load(), a.sealed.bytes.Load()
}

// note counts a message of n units and size bytes that s has sealed: a short one for all those that are not sampled.
func (a *AEAD) note(s *subkey, n int64, size int) {
	stands := uint64(1)
	if n == 0 {
		stands = sampleRate
		a.count(s)
	}
	a.sealed.messages.Add(stands)
	a.sealed.bytes.Add(stands * uint64(size))
}
