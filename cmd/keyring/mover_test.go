package main

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/sealwax/sealwax/cmd/keyring/internal/config"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

// newRing returns a ring of a new keystore in memory.
func newRing(t *testing.T, o keyring.Options) *keyring.Ring {
	t.Helper()
	file := filepath.Join(t.TempDir(), devKey)
	if err := local.GenerateKeyFile(file); err != nil {
		t.Fatal(err)
	}
	w, err := local.FromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	kek, err := wrappers.New(w, &wrappers.Options{Name: "local"})
	if err != nil {
		t.Fatal(err)
	}
	o.Cluster, o.Region, o.RefreshInterval, o.PayInterval = "dev", "global", -1, -1
	ring, err := keyring.Create(t.Context(), keystore.NewMemory(), []*wrappers.KEK{kek}, &o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ring.Close() })
	return ring
}

// TestMoverComesBack has messages moved at once, and again when nobody can seal with the compromised key any more.
func TestMoverComesBack(t *testing.T) {
	marked := time.Now().UTC().Truncate(time.Second)
	for _, c := range []struct {
		name  string
		lease time.Duration
		again bool
	}{
		{"with a lease", time.Minute, true},
		{"without one", 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			ring := newRing(t, keyring.Options{Lease: c.lease, ClockSkew: time.Second, Clock: func() time.Time { return marked }})
			m := newMover(&site{config: &config.Config{}}, ring)
			id := ring.Keys()[0].ID
			unused, err := ring.Prepublish(t.Context(), time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			want := func(when string, after time.Duration, ids ...keystore.ID) {
				t.Helper()
				if got := m.due(marked.Add(after)); !slices.Equal(got, ids) {
					t.Errorf("%s: got %v due, want %v", when, got, ids)
				}
			}
			want("nothing is marked", 0)
			for _, one := range []keystore.ID{id, unused} {
				if err := ring.MarkCompromised(t.Context(), one); err != nil {
					t.Fatal(err)
				}
			}
			want("marked, one of them unused", 0, id)
			m.moved[id] = marked
			want("moved", time.Second)
			want("in the last moment of the lease and the skew", 61*time.Second)
			if !c.again {
				want("who knows", 1000*time.Hour)
				return
			}
			want("after it", 62*time.Second, id)
			m.moved[id] = marked.Add(62 * time.Second)
			want("moved again", 1000*time.Hour)
		})
	}
}
