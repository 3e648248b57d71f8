package keyring_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// TestSilentKEKsAreRemembered starts twice beside KEKs that do not answer: the first start waits for the hedge delay,
// and the second asks others.
func TestSilentKEKsAreRemembered(t *testing.T) {
	for _, c := range []struct {
		name          string
		members       string
		silent        string
		first, second string // who is asked
		takes         [2]time.Duration
	}{
		{"one of two", "a b", "a", "a b", "b", [2]time.Duration{time.Second, 0}},
		{"a member of a group", "1@o 2@o 3@o", "1", "1 2 3", "2 3", [2]time.Duration{time.Second, 0}},
		{"one beside a group", "kms 1@o 2@o", "kms", "kms 1 2", "1 2", [2]time.Duration{time.Second, 0}},
		{"a group of which too few are left", "1@o 2@o 3@p 4@p", "1", "1 2 3 4", "3 4", [2]time.Duration{time.Second, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				council, store := newCouncil(t, strings.Fields(c.members)...), keystore.NewMemory()
				r, err := keyring.Create(t.Context(), store, council.keks, council.options)
				if err != nil {
					t.Fatal(err)
				}
				r.Close()
				council.members[c.silent].takes = time.Hour
				for i, want := range []string{c.first, c.second} {
					council.asked.take()
					began := time.Now()
					load(t, store, council.options, council.keks...).Close()
					if got := council.asked.take(); council.order(got) != council.order(want) || time.Since(began) != c.takes[i] {
						t.Errorf("start %d asked %q and took %v, want %q and %v", i+1, got, time.Since(began), want, c.takes[i])
					}
				}
				for _, k := range council.keks {
					if silent := k.ID() == "test."+c.silent; k.Health().Resting(time.Now()) != silent {
						t.Errorf("%s: %+v, and that it was silent is %v", k.ID(), k.Health(), silent)
					}
				}
			})
		})
	}
}

// The fastest members of a group are asked first, if that is wanted.
func TestFastestMembersFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		council, store := newCouncil(t, "1@o", "2@o", "3@o"), keystore.NewMemory()
		council.options.Order = wrappers.FastestFirst
		for name, ms := range map[string]time.Duration{"1": 90, "2": 20, "3": 50} {
			council.members[name].takes = ms * time.Millisecond
		}
		r, err := keyring.Create(t.Context(), store, council.keks, council.options) // which measures them
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		council.asked.take()
		load(t, store, council.options, council.keks...).Close()
		if got := council.asked.take(); council.order(got) != "2 3" {
			t.Errorf("asked %q, want 2 and 3", got)
		}
	})
}
