package main

import (
	"context"

	"github.com/sealwax/sealwax/aead"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

// generations is how many keys the ring has: enough for the look-up to be one.
const generations = 100

// where is encoded in 37 bytes, as long as binding.
var where = keyring.Bind("variable", "eu", "default", "db01")

// rings are of one keystore: ring has rotated through all generations, first has followed none and still seals with the
// first. So what first seals is under an older key for ring, and with a selector of another process. What counting seals
// is counted for all processes.
type rings struct{ ring, first, counting *keyring.Ring }

func newRings(ctx context.Context) (r rings, err error) {
	w, err := local.New(random(aead.KeySize))
	if err != nil {
		return r, err
	}
	kek, err := wrappers.New(w, nil)
	if err != nil {
		return r, err
	}
	keks, store := []*wrappers.KEK{kek}, keystore.NewMemory()
	o := &keyring.Options{Cluster: "bench", Region: "global", RefreshInterval: -1}
	if r.first, err = keyring.Create(ctx, store, keks, o); err != nil {
		return r, err
	}
	if r.ring, err = keyring.Load(ctx, store, keks, o); err != nil {
		return r, err
	}
	for range generations - 1 {
		if _, err := r.ring.Rotate(ctx); err != nil {
			return r, err
		}
	}
	o.Wear = keystore.NewMemory()
	r.counting, err = keyring.Load(ctx, store, keks, o)
	return r, err
}

func sealRing(ring *keyring.Ring) func(size int) func() {
	return func(size int) func() {
		plaintext := random(size)
		buf := room(size + keyring.Overhead)
		return func() { check(ring.Seal(buf, plaintext, where)) }
	}
}

func openRing(ring, sealer *keyring.Ring) func(size int) func() {
	return func(size int) func() {
		message, err := sealer.Seal(nil, random(size), where)
		check(message, err)
		buf := room(size)
		return func() { check(ring.Open(buf, message, where)) }
	}
}

func sealRingFresh(ring *keyring.Ring) func(size int) func() {
	return func(size int) func() {
		plaintext := random(size)
		return func() { check(ring.Seal(nil, plaintext, where)) }
	}
}

func openRingFresh(ring *keyring.Ring) func(size int) func() {
	return func(size int) func() {
		message, err := ring.Seal(nil, random(size), where)
		check(message, err)
		return func() { check(ring.Open(nil, message, where)) }
	}
}
