package keyring

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sealwax/sealwax/aead"
	"github.com/sealwax/sealwax/keystore"
)

// KeyWear is how much a key has sealed, by all rings together. These are estimates: a message of less than 64 KiB is
// counted with a chance of one in 1024, for 1024.
type KeyWear struct {
	ID       keystore.ID
	Messages uint64
	Bytes    uint64 // of plaintexts

	// Leased is the part of the above that other rings have only reserved. What they have not sealed of it goes when
	// they hand in; a ring that was killed never does.
	Leased Count

	// Since is when a ring first saw the key active, by a clock for which that lay in the future: the key's age counts from
	// here. Zero: none has.
	Since time.Time
}

// Observed is what w tells Options.Schedule. What is only reserved nobody has sealed yet, or not for long.
func (w *KeyWear) Observed() Observed {
	return Observed{Since: w.Since, Sealed: Count{w.Messages, w.Bytes}.minus(w.Leased)}
}

// Wear returns what is known of the keys' wear, in the order of their IDs: for this ring as it is now, for others as
// Options.Wear had it when this ring last looked. Keys of which nothing is known are not in it. It does no I/O.
func (r *Ring) Wear() []KeyWear { return r.counter.wear(r.state.Load()) }

// ReadWear returns what the wear file in store says about the keys of a keystore, in the order of their IDs. There being
// no file is no error: then nothing is known.
//
// The errors are those of the store, keystore.ErrWearDamaged, keystore.ErrWearVersion, and keystore.ErrForeign for the
// file of another keystore.
func ReadWear(ctx context.Context, store keystore.Store, id keystore.ID) ([]KeyWear, error) {
	f, err := readWearFile(ctx, store, id)
	if errors.Is(err, keystore.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("keyring: read wear: %w", err)
	}
	return sortedWear(wearIn(f.wear, keystore.ID{})), nil
}

// Limits returns how much one key of a suite may seal, over all rings: messages, and bytes of their plaintexts. Both are
// zero for a suite that seals nothing.
//
// They are those of [aead.Suite.Limits], of bytes at most 2^52 (4 PiB). That is what one AES-256-GCM key allows, and
// half of what a wear file can count: so there is room for what is sealed until the next key.
func Limits(suite uint8) (messages, bytes uint64) {
	messages, bytes = aead.Suite(suite).Limits()
	return messages, min(bytes, 1<<52)
}

// wearIn returns what w says about each key. Leases of one holder, which may be zero, are left out.
func wearIn(w *keystore.Wear, except keystore.ID) map[keystore.ID]*KeyWear {
	all := make(map[keystore.ID]*KeyWear)
	if w == nil {
		return all
	}
	for _, k := range w.Keys {
		all[k.Key] = &KeyWear{ID: k.Key, Messages: k.Messages, Bytes: k.Bytes, Since: k.Since}
	}
	for _, l := range w.Leases {
		if l.Holder != except {
			n := Count{l.Messages, l.Bytes}
			all[l.Key].add(n)
			all[l.Key].Leased = all[l.Key].Leased.plus(n)
		}
	}
	return all
}

func (w *KeyWear) add(n Count) {
	sum := Count{w.Messages, w.Bytes}.plus(n)
	w.Messages, w.Bytes = sum.Messages, sum.Bytes
}

func sortedWear(all map[keystore.ID]*KeyWear) []KeyWear {
	sorted := make([]KeyWear, 0, len(all))
	for _, id := range slices.SortedFunc(maps.Keys(all), keystore.ID.Compare) {
		sorted = append(sorted, *all[id])
	}
	return sorted
}
