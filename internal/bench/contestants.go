package main

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"

	"github.com/sealwax/sealwax/aead"
	tinkaead "github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Names that other contestants are compared with.
const (
	limit = "limit"
	peer  = "Tink AES256_GCM"
)

// binding is additional data of the length that a variable's place usually has.
var binding = make([]byte, 37)

// prefix is as long as what a ring stands in front of its messages: a format byte and a key ID.
var prefix = make([]byte, 17)

// holders hold keys in all the ways that are compared.
type holders struct {
	gcm   cipher.AEAD
	xaes  *aead.AEAD
	older *aead.AEAD // opens what xaes seals, with a selector that is not its own
	plain *aead.AEAD // AES-256-GCM
	tink  tink.AEAD
	rings
}

func newHolders(ctx context.Context) (h holders, err error) {
	key := random(aead.KeySize)
	block, err := aes.NewCipher(key)
	if err != nil {
		return h, err
	}
	if h.gcm, err = cipher.NewGCM(block); err != nil {
		return h, err
	}
	if h.xaes, err = aead.New(aead.XAES256GCM, key, prefix); err != nil {
		return h, err
	}
	if h.older, err = aead.New(aead.XAES256GCM, key, prefix); err != nil {
		return h, err
	}
	if h.plain, err = aead.New(aead.AES256GCM, key, prefix); err != nil {
		return h, err
	}
	handle, err := keyset.NewHandle(tinkaead.AES256GCMKeyTemplate())
	if err != nil {
		return h, err
	}
	if h.tink, err = tinkaead.New(handle); err != nil {
		return h, err
	}
	h.rings, err = newRings(ctx)
	return h, err
}

// The goals are those of the project for rings; the package under them has to be better than that.
const (
	goalSeal  = ".88/.94/.98/.99, 0"
	goalOpen  = ".85/.92/.98/.98, 0"
	goalOlder = ".70/.82/.96/.98, 0"
	goalFresh = ".92, 1"
)

func (h *holders) sealing() []contestant {
	return []contestant{
		{limit, limit, "", sealLimit(h.gcm)},
		{"aead.Seal, XAES-256-GCM", limit, goalSeal, sealAppended(h.xaes)},
		{"aead.Seal, AES-256-GCM", limit, "", sealAppended(h.plain)},
		{"Ring.Seal", limit, goalSeal, sealRing(h.ring)},
		{"Ring.Seal, wear counted", limit, goalSeal, sealRing(h.counting)},
		{peer, limit, "", sealTink(h.tink)},
		{"aead.Seal, XAES-256-GCM, fresh slice", peer, goalFresh, sealFresh(h.xaes)},
		{"aead.Seal, AES-256-GCM, fresh slice", peer, goalFresh, sealFresh(h.plain)},
		{"Ring.Seal, fresh slice", peer, goalFresh, sealRingFresh(h.ring)},
	}
}

func (h *holders) opening() []contestant {
	return []contestant{
		{limit, limit, "", openLimit(h.gcm)},
		{"aead.Open, XAES-256-GCM, own selector", limit, goalOpen, openAppended(h.xaes, h.xaes)},
		{"aead.Open, XAES-256-GCM, cached selector", limit, goalOlder, openAppended(h.older, h.xaes)},
		{"aead.Open, AES-256-GCM", limit, "", openAppended(h.plain, h.plain)},
		{"Ring.Open, active key", limit, goalOpen, openRing(h.ring, h.ring)},
		{"Ring.Open, older key", limit, goalOlder, openRing(h.ring, h.first)},
		{peer, limit, "", openTink(h.tink)},
		{"aead.Open, XAES-256-GCM, fresh slice", peer, goalFresh, openFresh(h.xaes)},
		{"aead.Open, AES-256-GCM, fresh slice", peer, goalFresh, openFresh(h.plain)},
		{"Ring.Open, active key, fresh slice", peer, goalFresh, openRingFresh(h.ring)},
	}
}

func sealLimit(gcm cipher.AEAD) func(size int) func() {
	return func(size int) func() {
		plaintext := random(size)
		buf := room(12 + size + 16)[:12]
		return func() {
			rand.Read(buf)
			gcm.Seal(buf, buf, plaintext, binding)
		}
	}
}

func openLimit(gcm cipher.AEAD) func(size int) func() {
	return func(size int) func() {
		nonce := random(12)
		message := gcm.Seal(nil, nonce, random(size), binding)
		buf := room(size)
		return func() { check(gcm.Open(buf, nonce, message, binding)) }
	}
}

func sealAppended(a *aead.AEAD) func(size int) func() {
	return func(size int) func() {
		plaintext := random(size)
		buf := room(size + a.Overhead())
		return func() { a.Seal(buf, plaintext, binding) }
	}
}

func openAppended(a, sealer *aead.AEAD) func(size int) func() {
	return func(size int) func() {
		message := sealer.Seal(nil, random(size), binding)
		buf := room(size)
		return func() { check(a.Open(buf, message, binding)) }
	}
}

func sealFresh(a *aead.AEAD) func(size int) func() {
	return func(size int) func() {
		plaintext := random(size)
		return func() { a.Seal(nil, plaintext, binding) }
	}
}

func openFresh(a *aead.AEAD) func(size int) func() {
	return func(size int) func() {
		message := a.Seal(nil, random(size), binding)
		return func() { check(a.Open(nil, message, binding)) }
	}
}

func sealTink(a tink.AEAD) func(size int) func() {
	return func(size int) func() {
		plaintext := random(size)
		return func() { check(a.Encrypt(plaintext, binding)) }
	}
}

func openTink(a tink.AEAD) func(size int) func() {
	return func(size int) func() {
		message, err := a.Encrypt(random(size), binding)
		check(message, err)
		return func() { check(a.Decrypt(message, binding)) }
	}
}

// check ends the program if what a contestant did went wrong: its time would mean nothing.
func check(_ []byte, err error) {
	if err != nil {
		panic(err)
	}
}

// room returns an empty slice with room for n bytes, in cache lines of its own: two goroutines whose buffers met in
// one would wait for each other.
func room(n int) []byte { return make([]byte, 0, (n+127)&^127) }

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}
