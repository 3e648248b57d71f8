package keyring_test

import (
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// TestNobodyIsRefusedForWhatWas: what another process did since the last refresh counts.
func TestNobodyIsRefusedForWhatWas(t *testing.T) {
	for _, away := range []bool{false, true} {
		store, e := &counted{Memory: keystore.NewMemory()}, newEngine(t)
		other := create(t, store, e.kek(t, "a"))
		first := other.Keys()[0].ID
		r := load(t, store, home(), e.kek(t, "a"))
		next, err := other.Prepublish(t.Context(), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		store.failure.Store(away)
		switch err := r.Activate(t.Context(), next); {
		case away:
			wantError(t, err, keyring.ErrUnknownKey, "keyring: activate: unknown key "+next.String())
		case err != nil:
			t.Errorf("a key that another process has prepublished: %v", err)
		}
		store.failure.Store(false)
		if _, err := other.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		store.failure.Store(away)
		target := next
		if away {
			target = first // which r believes to be active
		}
		switch err := r.DestroyForced(t.Context(), target, nil); {
		case away:
			wantError(t, err, keyring.ErrState, "is active")
		case err != nil:
			t.Errorf("a key that another process has superseded: %v", err)
		}
		store.failure.Store(false)
	}
}
