package keyring_test

import (
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

func TestAClockThatJumpsDoesNotStopTheRing(t *testing.T) {
	store, a, b := keystore.NewMemory(), newEngine(t), newEngine(t)
	now := time.Date(2026, 11, 22, 10, 0, 0, 999, time.UTC)
	o := home()
	o.Clock = func() time.Time { return now }
	r, err := keyring.Create(t.Context(), store, keks(a.kek(t, "a")), o)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, jump := range []time.Duration{-time.Hour, 48 * time.Hour, -24 * time.Hour, time.Second} {
		now = now.Add(jump)
		if _, err := r.Rotate(t.Context()); err != nil {
			t.Errorf("rotation after a jump of %v: %v", jump, err)
		}
		b.fail(wrappers.Later)
		if _, err := r.Rewrap(t.Context(), a.kek(t, "a"), b.kek(t, "b")); err != nil {
			t.Errorf("rewrap after a jump of %v: %v", jump, err)
		}
		if _, err := r.RotateRoot(t.Context()); err != nil {
			t.Errorf("new root after a jump of %v: %v", jump, err)
		}
	}
	c, _, err := keystore.Fetch(t.Context(), store, nil)
	if err != nil {
		t.Fatal(err)
	}
	if since := c.Owed[0].Since; !since.Equal(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("the debt dates from %v, want the first time that it was noticed", since)
	}
}
