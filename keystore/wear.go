package keystore

import (
	"cmp"
	"time"
)

// Wear is what a wear file says: how much was sealed under each key of a keystore, by all rings together, as far as
// they have handed it in. It stands beside the keystore and is no part of it: nobody signs it, it holds no secret, and
// without it a ring begins to count anew. Docs/format.md is normative.
type Wear struct {
	ID       ID // of this file: each that is begun has one of its own, so that a ring notices that its count is gone
	Keystore ID
	Begun    time.Time
	Keys     []WornKey   // in the order of their IDs
	Leases   []WearLease // in the order of their holders, then keys; at most MaxWearLeases
}

// WornKey is what was handed in for one key. A count ends at MaxWear.
type WornKey struct {
	Key             ID
	Messages, Bytes uint64    // bytes of plaintexts
	Since           time.Time // when a ring first saw the key active although, by its clock, that was in the future; zero: none has
}

// WearLease is what a ring may seal under a key before it writes to the file again. When it runs out, its holder was
// killed, or cannot write: whoever writes next adds all of it to what its key has sealed.
type WearLease struct {
	Holder          ID // drawn anew with each write of a ring
	Key             ID // one of Wear.Keys
	Messages, Bytes uint64
	Until           time.Time
}

const (
	// MaxWear is the highest count of a wear file, 2^53-1.
	MaxWear = maxInt
	// MaxWearLeases is how many leases a wear file has at most. To end one early is always safe.
	MaxWearLeases = 1024
)

// rule returns what is wrong with w although each of its lines is right, "" if nothing is.
func (w *Wear) rule() string {
	known := make(map[ID]bool, len(w.Keys))
	for i := range w.Keys {
		if i > 0 && w.Keys[i-1].Key.Compare(w.Keys[i].Key) >= 0 {
			return "key " + w.Keys[i].Key.String() + " is not in the order of IDs"
		}
		known[w.Keys[i].Key] = true
	}
	for i := range w.Leases {
		l := &w.Leases[i]
		if i > 0 && w.Leases[i-1].compare(l) >= 0 {
			return "a lease of " + l.Holder.String() + " is not in the order of holders and keys"
		}
		if !known[l.Key] {
			return "a lease of " + l.Holder.String() + " is of key " + l.Key.String() + ", which has no line"
		}
	}
	return ""
}

// compare orders leases by holder, then key.
func (l *WearLease) compare(other *WearLease) int {
	return cmp.Or(l.Holder.Compare(other.Holder), l.Key.Compare(other.Key))
}
