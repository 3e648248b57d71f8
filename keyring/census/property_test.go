package census

import (
	"fmt"
	"io/fs"
	"testing"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keyring/source/sourcetest"
	"github.com/sealwax/sealwax/keystore"
)

// TestCountsAddUp draws sources of messages under several keys, whole ones and such that do not open, and counts beside the
// census.
func TestCountsAddUp(t *testing.T) {
	w, stranger := newWorld(t, nil), newWorld(t, nil)
	kinds := map[string][]byte{"foreign": seal(t, stranger.ring, "default", 1, 20)[0].Sealed, "text": []byte("hello"), "empty": {}}
	for i := range 4 {
		if i > 0 {
			w.rotate(t)
		}
		kinds[fmt.Sprint("key ", i)] = seal(t, w.ring, "default", 1, 10*i)[0].Sealed
	}
	names := []string{"key 0", "key 1", "key 2", "key 3", "key 3", "foreign", "text", "empty", "unread", "none", "moved"}
	rapid.Check(t, func(rt *rapid.T) {
		want := make(map[keystore.ID]keyring.Count)
		var total keyring.Count
		var unopened, unread, records uint64
		var all []source.Source
		for range rapid.IntRange(0, 3).Draw(rt, "sources") {
			s := sourcetest.NewMemory(nil)
			for i, kind := range rapid.SliceOfN(rapid.SampledFrom(names), 0, 200).Draw(rt, "records") {
				records++
				m := sourcetest.Message{Namespace: "default", Path: fmt.Sprint("p", i), Sealed: kinds[kind]}
				switch kind {
				case "unread", "none":
					err := fs.ErrPermission
					if kind == "none" {
						err = source.ErrNoMessage
					} else {
						unread++
					}
					s.Put(m, err)
					unopened++
					continue
				case "moved":
					m.Sealed = kinds["key 1"]
				}
				s.Put(m, nil)
				unopened++ // they were sealed for another path
				if id, err := keyring.MessageKey(m.Sealed); err == nil {
					n := want[id]
					n.Add(len(m.Sealed))
					want[id] = n
					total.Add(len(m.Sealed))
				}
			}
			all = append(all, s)
		}
		report, err := Take(t.Context(), w.ring, all, &Options{Workers: rapid.IntRange(1, 3).Draw(rt, "workers")})
		if err != nil {
			rt.Fatal(err)
		}
		for id, n := range want {
			if report.Keys[id] != n {
				rt.Errorf("key %s: got %+v, want %+v", id, report.Keys[id], n)
			}
		}
		if report.Total != total || report.Unopened != unopened || report.Unread != unread || report.Records != records || len(report.Unopenable) != int(unopened) {
			rt.Errorf("got %+v, %d unopened, %d unread of %d, want %+v, %d, %d, %d", report.Total, report.Unopened, report.Unread, report.Records,
				total, unopened, unread, records)
		}
	})
}
