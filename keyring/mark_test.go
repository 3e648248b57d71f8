package keyring

import (
	"slices"
	"testing"
	"time"

	"github.com/sealwax/sealwax/aead"
	"github.com/sealwax/sealwax/keystore"
)

// TestWhoSucceedsACompromisedKey: where there are several readers it is a key that they know; else a new one.
func TestWhoSucceedsACompromisedKey(t *testing.T) {
	known := func(k *keystore.Key) { k.Created = k.Created.Add(-time.Minute) } // as long as two looks of a ring take
	for _, c := range []struct {
		name    string
		readers int
		keys    []func(k *keystore.Key)
		want    int // which of the prepublished keys; -1 is a new one
	}{
		{"one reader", 1, []func(*keystore.Key){known}, -1},
		{"no prepublished key", 3, nil, -1},
		{"one that they know", 3, []func(*keystore.Key){known}, 0},
		{"one that they may not know", 3, []func(*keystore.Key){func(k *keystore.Key) { k.Created = k.Created.Add(-time.Minute + time.Second) }}, -1},
		{"the one that is due first", 3, []func(*keystore.Key){
			known,
			func(k *keystore.Key) { known(k); k.Activates = k.Created.Add(72 * time.Hour) },
			func(k *keystore.Key) { known(k); k.Activates = k.Created.Add(48 * time.Hour) },
			known,
		}, 2},
		{"a compromised one", 3, []func(*keystore.Key){func(k *keystore.Key) { known(k); k.Compromised = true }, known}, 1},
		{"one of an unknown suite", 3, []func(*keystore.Key){func(k *keystore.Key) { known(k); k.Suite = 0x7f }, known}, 1},
		{"one by which signing would end", 3, []func(*keystore.Key){func(k *keystore.Key) { known(k); k.Signing = nil }, known}, 1},
		{"one that does not open", 3, []func(*keystore.Key){func(k *keystore.Key) { known(k); k.Suite = uint8(aead.AES256GCM) }}, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := localRing(t)
			r.opts.Readers, r.opts.Signing = c.readers, Signing{Algorithms: []string{"EdDSA"}}
			pairs, err := r.opts.Signing.makePairs()
			if err != nil {
				t.Fatal(err)
			}
			var ids []keystore.ID
			writeBeside(t, r, func(next *keystore.Contents, held *root) {
				active := next.Active()
				active.Signing = []keystore.SigningKey{pairs[0].sealed(held, active.ID)}
				for _, change := range c.keys {
					k := newKey(held, next.Written, pairs)
					change(&k)
					ids = append(ids, k.ID)
					next.Keys = append(next.Keys, k)
				}
				slices.SortStableFunc(next.Keys, func(a, b keystore.Key) int { return a.Created.Compare(b.Created) })
			})
			first := r.state.Load().active.id
			if err := r.MarkCompromised(t.Context(), first); err != nil {
				t.Fatal(err)
			}
			next := r.state.Load()
			if marked := next.contents.Find(first); marked.State != keystore.Retired || !marked.Compromised {
				t.Errorf("the marked key is %+v", marked)
			}
			got := next.active.id
			if c.want >= 0 && got != ids[c.want] {
				t.Errorf("the successor is %s, want key %d of %s", got, c.want, ids)
			}
			if isNew := len(next.contents.Keys) == len(c.keys)+2; isNew != (c.want < 0) {
				t.Errorf("there are %d keys, want a new one: %v", len(next.contents.Keys), c.want < 0)
			}
		})
	}
}
