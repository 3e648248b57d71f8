package census

import (
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// maxForeign is how many keys that the keystore does not have are counted apart, by each worker. Messages that name
// keys at random must not fill the memory: those of more keys count under the zero ID. A key that can be destroyed is
// none of them, since it was in the keystore before the census began.
const maxForeign = 10_000

// A tally is what one worker has counted.
type tally struct {
	keys     map[keystore.ID]*keyring.Count
	total    keyring.Count
	unread   uint64
	unopened uint64
	foreign  int

	last  keystore.ID // nearly every message names the key of the one before
	count *keyring.Count
}

// newTally returns a tally that counts these keys apart, whatever comes.
func newTally(known []keyring.KeyInfo) *tally {
	t := &tally{keys: make(map[keystore.ID]*keyring.Count, len(known))}
	for _, k := range known {
		t.keys[k.ID] = new(keyring.Count)
	}
	return t
}

func (t *tally) add(id keystore.ID, size int) {
	if t.count == nil || id != t.last {
		t.last, t.count = id, t.of(id)
	}
	t.count.Add(size)
	t.total.Add(size)
}

func (t *tally) of(id keystore.ID) *keyring.Count {
	n := t.keys[id]
	if n == nil && t.foreign >= maxForeign {
		id = keystore.ID{}
		n = t.keys[id]
	}
	if n == nil {
		n = new(keyring.Count)
		t.keys[id] = n
		t.foreign++
	}
	return n
}

// addTo adds what t has counted to a report.
func (t *tally) addTo(r *Report) {
	for id, n := range t.keys {
		sum := r.Keys[id]
		r.Keys[id] = keyring.Count{Messages: sum.Messages + n.Messages, Bytes: sum.Bytes + n.Bytes}
	}
	r.Total.Messages += t.total.Messages
	r.Total.Bytes += t.total.Bytes
	r.Unread += t.unread
	r.Unopened += t.unopened
}
