// Package aead seals and opens bytes with a 32-byte key: XAES-256-GCM as c2sp.org/XAES-256-GCM has it, or AES-256-GCM.
//
// An [AEAD] draws its nonces itself and stands them in the message, so that there is nothing for the caller to
// repeat. A message is
//
//	prefix     as given to New, 0 or more bytes, in clear, not authenticated
//	selector   12 bytes, XAES-256-GCM only: the first half of its nonce
//	nonce      12 bytes: the nonce of AES-256-GCM, the second half of that of XAES-256-GCM
//	ciphertext as long as the plaintext
//	tag        16 bytes
//
// The prefix says which key a message is for. It is compared when a message is opened but is not in the additional
// data: derive the key from whatever the prefix states (a format, a key ID), and a message under another prefix is one
// under another key.
//
// # Limits
//
// A plaintext has at most 2^36-32 bytes (64 GiB), which is GCM's limit.
//
// Under one XAES-256-GCM key, 2^45 messages keep the risk that a nonce ever repeats below 2^-32, over all processes
// that share the key. A fresh nonce of 192 bits each time would allow 2^80, at three times the cost of sealing 64
// bytes: the selector picks a subkey, and this package keeps one selector, with its subkey ready, for about 2^20
// messages or 2^36 bytes, whichever comes first. The count is an estimate (one standard deviation is 3%), because a word
// that every Seal writes is what slows down a second core; 2^32 messages, GCM's own limit, are 12 bits away.
//
// Under one AES-256-GCM key seal at most 2^32 messages, over all processes: the same risk.
//
// How much is sealed bounds the bytes as well: 2^52 under one AES-256-GCM key, and 2^61 under one XAES-256-GCM key,
// which are the 2^25 subkeys that 2^45 messages take. Beyond them, the chance of telling ciphertext from random bytes
// comes to 2^-32. [Suite.Limits] has these numbers, [AEAD.Sealed] what this AEAD has sealed; to stop in time, over all
// processes, is up to its user.
//
// # Not for
//
// Neither suite commits to its key: who knows two keys can make a message that opens under both. Neither hides the
// length of the plaintext. The whole message is in memory at once; nothing here streams.
//
// Everything runs under GODEBUG=fips140=only: AES-256-GCM comes from [cipher.NewGCMWithRandomNonce] alone.
package aead

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"math"
	"sync/atomic"
)

// KeySize is the length of a key in bytes, for both suites.
const KeySize = 32

const (
	nonceSize = 12
	tagSize   = 16
)

// An AEAD seals and opens messages of one suite under one key and one prefix. Make one with [New]; the zero AEAD holds
// no key: its Seal panics and its Open opens nothing.
//
// It is safe for concurrent use, and no call waits for another. It takes about 0.7 KiB until it seals or opens its
// first message, 0.9 KiB for each subkey after that, and at most 9 subkeys. What it holds of the key is the cipher's
// key schedule, which cannot be cleared: drop the AEAD when it is no longer needed.
type AEAD struct {
	suite    Suite
	prefix   []byte
	headSize int   // length of what stands before the nonce
	kdf      *kdf  // nil for AES-256-GCM, which has no subkeys
	budget   int64 // units that a subkey may seal

	sealing atomic.Pointer[subkey] // nil until it is needed; for AES-256-GCM, the key itself
	opened  cache

	sealed sealed
}

// New returns an AEAD whose messages all begin with prefix, which may be empty. It fails for a suite that it does not
// know and for a key that does not have [KeySize] bytes. It keeps neither slice: the caller may clear key at once.
func New(suite Suite, key, prefix []byte) (*AEAD, error) {
	if suite != XAES256GCM && suite != AES256GCM {
		return nil, fmt.Errorf("aead: unknown suite %d", uint8(suite))
	}
	if len(key) != KeySize {
		return nil, fmt.Errorf("aead: key for %v has %d bytes, want %d", suite, len(key), KeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("aead: %v", err)
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("aead: %v", err)
	}
	a := &AEAD{suite: suite, prefix: bytes.Clone(prefix)}
	if suite == AES256GCM {
		a.headSize = len(prefix)
		a.budget = math.MaxInt64 // there is no other subkey to go on to
		a.sealing.Store(&subkey{head: a.prefix, gcm: gcm})
		return a, nil
	}
	a.headSize = len(prefix) + selectorSize
	a.budget = maxUnits
	a.kdf = newKDF(block)
	return a, nil
}

// Overhead returns how many bytes longer a message is than its plaintext: the length of the prefix plus 40 for
// XAES-256-GCM, plus 28 for AES-256-GCM.
func (a *AEAD) Overhead() int { return a.headSize + nonceSize + tagSize }

// Format implements fmt.Formatter, so that no verb and no flag shows anything of the key.
func (a *AEAD) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "[%v key]", a.suite) }
