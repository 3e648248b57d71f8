package transit

import (
	"slices"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// wantStanzas wants the keystore to be wrapped by, and to owe a stanza to, exactly these KEKs.
func wantStanzas(t *testing.T, store keystore.Store, keks, owed []string) {
	t.Helper()
	c := contents(t, store)
	var have, owes []string
	for _, s := range c.Stanzas {
		have = append(have, s.KEK)
	}
	for _, o := range c.Owed {
		owes = append(owes, o.KEK)
	}
	slices.Sort(have)
	if !slices.Equal(have, keks) || !slices.Equal(owes, owed) {
		t.Errorf("stanzas %v, owed %v; want %v, %v", have, owes, keks, owed)
	}
}

// From a key file to the Vault and back. Nothing that was sealed on the way is touched.
func TestMoveToVaultAndBack(t *testing.T) {
	s, store := start(t), newStore(t)
	near, far := newLocal(t, wrappers.Options{}), newKEK(t, config(s))
	r := create(t, store, near)
	msg := seal(t, r, "x")

	wantCalls(t, s, "to the Vault", calls{"encrypt": 1, "decrypt": 1}, func() {
		report := rewrap(t, r, far)
		if !slices.Equal(report.Dropped, []string{near.ID()}) {
			t.Errorf("dropped %v, want %s", report.Dropped, near.ID())
		}
	})
	wantStanzas(t, store, []string{"transit"}, nil)
	wantMessage(t, load(t, store, far), msg, "x")

	wantCalls(t, s, "back", calls{"decrypt": 1}, func() { rewrap(t, r, near) })
	wantStanzas(t, store, []string{"aead"}, nil)
	wantCalls(t, s, "Load after the way back", calls{}, func() { wantMessage(t, load(t, store, near), msg, "x") })
}

// An inactive block still opens what the Vault once wrapped, which is how an operator moves away.
func TestMoveAwayWithAnInactiveBlock(t *testing.T) {
	s, store := start(t), newStore(t)
	msg := seal(t, create(t, store, vaultKEK(t, config(s), wrappers.Options{})), "x")

	near := newLocal(t, wrappers.Options{})
	r := load(t, store, vaultKEK(t, config(s), wrappers.Options{Inactive: true}), near)
	wantCalls(t, s, "Rewrap", calls{"decrypt": 1}, func() {
		rewrap(t, r, vaultKEK(t, config(s), wrappers.Options{Inactive: true}), near)
	})
	wantStanzas(t, store, []string{"aead"}, nil)
	wantMessage(t, load(t, store, near), msg, "x")
}

func TestRewrapAfterARotationAtVault(t *testing.T) {
	s, store := start(t), newStore(t)
	k := newKEK(t, config(s))
	r := create(t, store, k)
	msg := seal(t, r, "x")
	s.Admin(t, "keys/app/rotate", nil)
	wantKeyVersion(t, store, "1") // nothing happened here
	wantMessage(t, load(t, store, newKEK(t, config(s))), msg, "x")

	// The old version is forbidden before anybody rewrapped: no start, until it is allowed again.
	s.Admin(t, "keys/app/config", map[string]any{"min_decryption_version": 2})
	err := loadError(t, time.Second, store, newKEK(t, config(s)))
	wantError(t, err, wrappers.Ask, "too old", "run keyring rewrap: vault write transit/keys/app/config min_decryption_version=1")
	s.Admin(t, "keys/app/config", map[string]any{"min_decryption_version": 1})

	rewrap(t, r, k)
	wantKeyVersion(t, store, "2")
	s.Admin(t, "keys/app/config", map[string]any{"min_decryption_version": 2})
	wantMessage(t, load(t, store, newKEK(t, config(s))), msg, "x")
}

func wantKeyVersion(t *testing.T, store keystore.Store, version string) {
	t.Helper()
	st := contents(t, store).Stanzas[0]
	if st.KeyID != "transit/keys/app" || st.KeyVersion != version {
		t.Errorf("stanza under version %q of %s, want %q of transit/keys/app", st.KeyVersion, st.KeyID, version)
	}
}

func TestNewRootWithVaultDown(t *testing.T) {
	s, store := start(t), newStore(t)
	near, far := newLocal(t, wrappers.Options{}), newKEK(t, config(s))
	r := create(t, store, near, far)
	msg := seal(t, r, "x")
	oldRoot := contents(t, store).Root

	s.Seal()
	if _, err := r.RotateRoot(t.Context()); err != nil {
		t.Fatal(err)
	}
	if contents(t, store).Root == oldRoot {
		t.Error("the root is the old one")
	}
	wantStanzas(t, store, []string{"aead"}, []string{"transit"}) // the old stanza wraps a dead root: it is gone
	if report := rewrap(t, r, near, far); wrappers.ClassOf(report.Owed["transit"]) != wrappers.Later {
		t.Errorf("owed: got %v, want transit, later", report.Owed)
	}
	wantStanzas(t, store, []string{"aead"}, []string{"transit"})

	s.Restore()
	if report := rewrap(t, r, near, far); len(report.Owed) != 0 {
		t.Errorf("owed: got %v, want nothing", report.Owed)
	}
	wantStanzas(t, store, []string{"aead", "transit"}, nil)
	wantMessage(t, load(t, store, newKEK(t, config(s))), msg, "x")
}

// Without another way in, a Vault that is down stops a new root and nothing is written.
func TestNewRootWithoutAnotherWayIn(t *testing.T) {
	s, store := start(t), newStore(t)
	r := create(t, store, newKEK(t, config(s)))
	s.Deny()
	_, err := r.RotateRoot(t.Context())
	wantError(t, err, wrappers.Ask, "none wrapped the root", `path "transit/encrypt/app"`)
	s.Restore()
	if err := r.Refresh(t.Context()); err != nil || contents(t, store).Generation != 1 {
		t.Errorf("generation %d, %v; want 1", contents(t, store).Generation, err)
	}
}
