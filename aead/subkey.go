package aead

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"sync/atomic"
)

// What a subkey may seal is counted in units. A message of largeSize bytes and more is as many units as it has begun
// stretches of that size, a shorter message is one. So maxUnits bounds both at once: 2^20 messages, 2^20 * 64 KiB =
// 2^36 bytes. A subkey that is kept that long loses nothing: 2^20 random nonces of 96 bits collide with probability
// 2^-57, and even thousands of clones of one process, which share its selector but not its nonces, stay below the
// 2^32 messages that GCM allows.
const (
	maxUnits  = 1 << 20
	largeSize = 64 << 10
)

// Short messages are not counted one by one: a word that all of them write would pass from core to core at each. One in
// sampleRate is counted, for all of them. Which one is up to ten bits of its random nonce, so the estimate is unbiased
// and nobody who chooses plaintexts can steer it.
const sampleRate = 1 << 10

// A subkey is AES-256-GCM under one key, with what stands before the nonce in each of its messages.
type subkey struct {
	head []byte // prefix || selector
	gcm  cipher.AEAD
	used atomic.Int64 // units sealed: those of large messages exactly, those of short ones by sample
}

// units is what a message of size bytes is counted as before it is sealed: 0 for a short one, see sampled.
func units(size int) int64 {
	if size < largeSize {
		return 0
	}
	return (int64(size) + largeSize - 1) / largeSize
}

// sampled reports whether the message with this nonce is the one in sampleRate that is counted.
func sampled(nonce []byte) bool {
	return binary.LittleEndian.Uint16(nonce)%sampleRate == 0
}

// take returns the subkey that seals a message of n units.
func (a *AEAD) take(n int64) *subkey {
	s := a.sealing.Load()
	if s != nil && (n == 0 || s.used.Add(n) <= a.budget) {
		return s
	}
	return a.replace(s, n)
}

// replace makes a subkey for a fresh random selector, already charged with n units, and puts it into the place of old.
// Where several do that at once one of them wins, and the others seal one message each with what they made: that needs
// no second look at the budget, and a selector that is used once is as good as any.
func (a *AEAD) replace(old *subkey, n int64) *subkey {
	var selector [selectorSize]byte
	rand.Read(selector[:])
	s := a.derive(selector)
	s.used.Store(n)
	a.sealing.CompareAndSwap(old, s)
	return s
}

// count adds a short message that s has sealed to what s has used. The next Seal after the last unit finds no subkey.
func (a *AEAD) count(s *subkey) {
	if s.used.Add(sampleRate) >= a.budget {
		a.sealing.CompareAndSwap(s, nil)
	}
}

// derive returns the subkey of selector, ready for use.
func (a *AEAD) derive(selector [selectorSize]byte) *subkey {
	head := make([]byte, 0, a.headSize)
	head = append(append(head, a.prefix...), selector[:]...)
	return &subkey{head: head, gcm: a.kdf.derive(selector)}
}
