package keyring

import (
	"slices"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// book is a wear file that is being written.
type book struct {
	wear *keystore.Wear
	at   map[keystore.ID]int // where the lines of the keys are
}

// line returns the line of a key, a new one if there is none. It is good until the next call.
func (b *book) line(key keystore.ID) *keystore.WornKey {
	i, ok := b.at[key]
	if !ok {
		i = len(b.wear.Keys)
		b.at[key] = i
		b.wear.Keys = append(b.wear.Keys, keystore.WornKey{Key: key})
	}
	return &b.wear.Keys[i]
}

// charge adds n to what was sealed under a key.
func (b *book) charge(key keystore.ID, n Count) {
	k := b.line(key)
	sum := Count{k.Messages, k.Bytes}.plus(n)
	k.Messages, k.Bytes = sum.Messages, sum.Bytes
}

// lease adds a lease, unless it is one of nothing.
func (b *book) lease(holder, key keystore.ID, n Count, until time.Time) {
	if !n.isZero() {
		b.wear.Leases = append(b.wear.Leases, keystore.WearLease{Holder: holder, Key: key, Messages: n.Messages, Bytes: n.Bytes, Until: until})
	}
}

// keep keeps the lease of another ring, unless it has run out: then its holder was killed, or cannot write, and may have
// used all of it.
func (b *book) keep(l keystore.WearLease, now time.Time) {
	if l.Until.After(now) {
		b.wear.Leases = append(b.wear.Leases, l)
		return
	}
	b.charge(l.Key, Count{l.Messages, l.Bytes})
}

// limit ends the oldest leases where there are more than a file may have. Their holders find out, see ledger.without.
func (b *book) limit() {
	n := len(b.wear.Leases) - keystore.MaxWearLeases
	if n <= 0 {
		return
	}
	slices.SortStableFunc(b.wear.Leases, func(x, y keystore.WearLease) int { return x.Until.Compare(y.Until) })
	for _, l := range b.wear.Leases[:n] {
		b.charge(l.Key, Count{l.Messages, l.Bytes})
	}
	b.wear.Leases = b.wear.Leases[n:]
}
