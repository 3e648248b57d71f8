package main

import (
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

// contestants returns those that seal and those that open.
func contestants() (seal, open []contestant, err error) {
	key := random(aead.KeySize)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, nil, err
	}
	xaes, err := aead.New(aead.XAES256GCM, key, prefix)
	if err != nil {
		return nil, nil, err
	}
	older, err := aead.New(aead.XAES256GCM, key, prefix) // opens what xaes seals, with a selector that is not its own
	if err != nil {
		return nil, nil, err
	}
	plain, err := aead.New(aead.AES256GCM, key, prefix)
	if err != nil {
		return nil, nil, err
	}
	handle, err := keyset.NewHandle(tinkaead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, nil, err
	}
	tinkKey, err := tinkaead.New(handle)
	if err != nil {
		return nil, nil, err
	}

	seal = []contestant{
		{limit, limit, "", sealLimit(gcm)},
		{"aead.Seal, XAES-256-GCM", limit, ".88/.94/.98/.99, 0", sealAppended(xaes)},
		{"aead.Seal, AES-256-GCM", limit, "", sealAppended(plain)},
		{peer, limit, "", sealTink(tinkKey)},
		{"aead.Seal, XAES-256-GCM, fresh slice", peer, ".92, 1", sealFresh(xaes)},
		{"aead.Seal, AES-256-GCM, fresh slice", peer, ".92, 1", sealFresh(plain)},
	}
	open = []contestant{
		{limit, limit, "", openLimit(gcm)},
		{"aead.Open, XAES-256-GCM, own selector", limit, ".85/.92/.98/.98, 0", openAppended(xaes, xaes)},
		{"aead.Open, XAES-256-GCM, cached selector", limit, ".70/.82/.96/.98, 0", openAppended(older, xaes)},
		{"aead.Open, AES-256-GCM", limit, "", openAppended(plain, plain)},
		{peer, limit, "", openTink(tinkKey)},
		{"aead.Open, XAES-256-GCM, own selector, fresh slice", peer, ".92, 1", openFresh(xaes)},
		{"aead.Open, AES-256-GCM, fresh slice", peer, ".92, 1", openFresh(plain)},
	}
	return seal, open, nil
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
