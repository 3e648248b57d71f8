package keyring

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// TestARingThatMaintainsGoesByTheWearOfOthers: what another process has sealed replaces the key, its lease does not.
func TestARingThatMaintainsGoesByTheWearOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorn(t)
		limited := func(o *Options) { o.Rotation = Rotation{Messages: 1 << 20, Bytes: 100 * large} }
		sealer := w.ring(limited)
		key := activeOf(t, sealer)
		maintain := func() keystore.ID {
			t.Helper()
			r := w.ring(limited)
			defer r.Close()
			m, err := r.MaintainOnce(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return m.Activated
		}
		w.seal(sealer, 60)
		time.Sleep(2 * wearTick)
		if id := maintain(); !id.IsZero() {
			t.Fatalf("after 60 of 100 messages key %s was activated", id)
		}
		w.seal(sealer, 60)
		time.Sleep(2 * wearTick)
		id := maintain()
		if id.IsZero() || id == key {
			t.Fatalf("after 120 of 100 messages the active key is %s, was %s", id, key)
		}
		if id := maintain(); !id.IsZero() {
			t.Errorf("key %s was activated in the place of one that is new", id)
		}
	})
}

// TestAgeOfAKeyFromTheFutureOverRestarts: a writer whose clock was a year ahead has made the key. Its age counts from
// when a ring first saw it, although each of the rings that maintain the keystore is a new process.
func TestAgeOfAKeyFromTheFutureOverRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorn(t)
		ahead := w.ring(func(o *Options) { o.Clock = func() time.Time { return time.Now().AddDate(1, 0, 0) } })
		rotate(t, ahead)
		ahead.Close()
		for day := range 40 {
			r := w.ring(func(o *Options) { o.Rotation = Rotation{Period: 30 * 24 * time.Hour, Prepublish: -1} })
			m, err := r.MaintainOnce(t.Context())
			r.Close()
			if err != nil {
				t.Fatal(err)
			}
			if !m.Activated.IsZero() {
				if day < 30 || day > 31 {
					t.Errorf("the key was replaced on day %d, want 30", day)
				}
				return
			}
			time.Sleep(24 * time.Hour)
		}
		t.Error("the key was not replaced in 40 days")
	})
}
