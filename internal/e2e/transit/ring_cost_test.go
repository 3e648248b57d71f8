package transit

import (
	"fmt"
	"testing"

	"github.com/sealwax/sealwax/keyring"
)

func TestUnwrapsPerLoad(t *testing.T) {
	s, store := start(t), newStore(t)
	r := create(t, store, newKEK(t, config(s)))
	first := seal(t, r, "first")
	for _, keys := range []int{1, 10, 100, 1000} {
		for len(r.Keys()) < keys {
			rotate(t, r)
		}
		k := newKEK(t, config(s)) // a process of its own: no connection, no token yet
		wantCalls(t, s, fmt.Sprintf("Load with %d keys", keys), calls{"decrypt": 1}, func() {
			again := load(t, store, k)
			wantMessage(t, again, first, "first")
			wantMessage(t, r, seal(t, again, "last"), "last")
			wantUsable(t, again, keys)
		})
	}
}

func wantUsable(t *testing.T, r *keyring.Ring, keys int) {
	t.Helper()
	all := r.Keys()
	if len(all) != keys {
		t.Errorf("%d keys, want %d", len(all), keys)
	}
	for _, k := range all {
		if k.Err != nil {
			t.Errorf("key %s: %v", k.ID, k.Err)
		}
	}
}

// A start renews the token beside its one unwrap, and does not wait for it.
func TestLoadWithRenewal(t *testing.T) {
	s, store := start(t), newStore(t)
	create(t, store, newKEK(t, config(s)))
	renewing := config(s)
	renewing.DisableRenewal = false
	k := newKEK(t, renewing)
	wantCalls(t, s, "Load", calls{"decrypt": 1, "renew-self": 1}, func() {
		load(t, store, k)
		waitFor(t, "the renewal", func() bool { return s.Count("renew-self") == 1 })
	})
}

// The Vault is sealed the whole time: an open ring does not only spare it, it does not need it.
func TestAnOpenRingNeedsNoVault(t *testing.T) {
	s, store := start(t), newStore(t)
	a := create(t, store, newKEK(t, config(s)))
	b := load(t, store, newKEK(t, config(s)))
	s.Seal()
	wantCalls(t, s, "Seal, Open, Rotate and Refresh", calls{}, func() {
		old := seal(t, a, "old")
		wantMessage(t, b, old, "old")
		rotate(t, a)
		if err := b.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantMessage(t, b, seal(t, a, "new"), "new")
		wantMessage(t, a, seal(t, b, "back"), "back")
		wantMessage(t, b, old, "old")
		rotate(t, b)
		out, err := a.OpenContext(t.Context(), nil, seal(t, b, "next"), place)
		if err != nil || string(out) != "next" {
			t.Errorf("OpenContext after another process's rotation: got %q, %v", out, err)
		}
	})
}

func TestWhatEachOperationOfARingCosts(t *testing.T) {
	s, store := start(t), newStore(t)
	k := newKEK(t, config(s))
	var r *keyring.Ring
	wantCalls(t, s, "Create", calls{"encrypt": 1, "decrypt": 1}, func() { r = create(t, store, k) })
	wantCalls(t, s, "Rewrap: open, wrap, read back", calls{"encrypt": 1, "decrypt": 2}, func() { rewrap(t, r, k) })
	wantCalls(t, s, "Verify", calls{"decrypt": 1}, func() {
		if report, err := r.Verify(t.Context()); err != nil || !report.OK() {
			t.Errorf("Verify: got %+v, %v", report, err)
		}
	})
	follower := load(t, store, newKEK(t, config(s)))
	wantCalls(t, s, "RotateRoot", calls{"encrypt": 1, "decrypt": 1}, func() {
		if _, err := r.RotateRoot(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	wantCalls(t, s, "Refresh to a new root", calls{"decrypt": 1}, func() {
		if err := follower.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	wantMessage(t, follower, seal(t, r, "x"), "x")
}
