package keyring_test

import (
	"testing"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

func TestNewRoot(t *testing.T) {
	store, a := keystore.NewMemory(), newEngine(t)
	r := create(t, store, a.kek(t, "a"))
	oldPin := r.Seen().Identity
	old, _, _ := keystore.Fetch(t.Context(), store, nil)
	msg := seal(t, r, "x")
	follower := load(t, store, home(), a.kek(t, "a"))
	id, err := r.RotateRoot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, _, _ := keystore.Fetch(t.Context(), store, nil)
	if c.Root == old.Root || c.Identity.Public.Equal(oldPin) || c.Active().ID != id {
		t.Error("root, identity or active key is still the old one")
	}
	if string(c.Stanzas[0].Wrapped) == string(old.Stanzas[0].Wrapped) || string(c.Keys[0].SealedDEK) == string(old.Keys[0].SealedDEK) {
		t.Error("a stanza or a sealed DEK is still the old one")
	}
	// A ring that pins the old identity follows the handover, open or at its start; a stranger's pin does not.
	if err := follower.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	o := home()
	o.Identity = oldPin
	for _, ring := range []*keyring.Ring{r, follower, load(t, store, o, a.kek(t, "a"))} {
		mustOpen(t, ring, msg, "x")
		mustOpen(t, ring, seal(t, r, "y"), "y")
	}
	if _, err := follower.Rotate(t.Context()); err != nil {
		t.Errorf("the follower cannot write under the new root: %v", err)
	}
	// Two new roots later the first pin no longer reaches.
	if _, err := r.RotateRoot(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantError(t, loadErr(t, store, o, a.kek(t, "a")), keystore.ErrForeign, "identity")
}

func TestNewRootDropsKEKsThatAreDown(t *testing.T) {
	store, a, b := keystore.NewMemory(), newEngine(t), newEngine(t)
	r := create(t, store, a.kek(t, "a"), b.kek(t, "b"))
	b.fail(wrappers.Later)
	if _, err := r.RotateRoot(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantStanzas(t, store, []string{"test.a"}, []string{"test.b"})
	a.fail(wrappers.Later)
	before := r.Seen()
	_, err := r.RotateRoot(t.Context())
	wantError(t, err, keyring.ErrNoKEK)
	if r.Seen().Digest != before.Digest {
		t.Error("the refused new root changed the keystore")
	}
}

func TestAnOpenRingPinsWhatItHolds(t *testing.T) {
	store, a := keystore.NewMemory(), newEngine(t)
	a.pinned = true
	follower := create(t, store, a.kek(t, "a")) // whose Options have no pin
	o := home()
	o.Identity = follower.Seen().Identity
	if _, err := load(t, store, o, a.kek(t, "a")).RotateRoot(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := follower.Refresh(t.Context()); err != nil {
		t.Errorf("Refresh: %v", err)
	}
	if _, err := follower.Rewrap(t.Context(), a.kek(t, "a")); err != nil {
		t.Errorf("Rewrap: %v", err)
	}
}

func TestFollowingANewRootNeedsAKEK(t *testing.T) {
	store, a := keystore.NewMemory(), newEngine(t)
	r := create(t, store, a.kek(t, "a"))
	follower := load(t, store, home(), a.kek(t, "a"))
	if _, err := r.RotateRoot(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.fail(wrappers.Later)
	if err := follower.Refresh(t.Context()); wrappers.ClassOf(err) != wrappers.Later {
		t.Errorf("refresh with the KEK down: %v", err)
	}
	mustOpen(t, follower, seal(t, follower, "x"), "x")
	a.fail(0)
	if err := follower.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, follower, seal(t, r, "y"), "y")
}
