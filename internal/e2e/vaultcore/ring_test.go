package vaultcore_test

import (
	"path/filepath"
	"testing"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// A keystore lives through a rotation of its KEK, and its ring through a Vault that is sealed.
func TestRing(t *testing.T) {
	s := newSite(t)
	store := keystore.NewFile(filepath.Join(t.TempDir(), "keystore.jsonl"))
	home := &keyring.Options{Cluster: "prod", Region: "emea", RefreshInterval: -1}
	place := keyring.Bind("variable", "emea", "default", "app/db")
	k := s.kek(t)
	ring, err := keyring.Create(t.Context(), store, []*wrappers.KEK{k}, home)
	if err != nil {
		t.Fatal(err)
	}
	defer ring.Close()
	msg, err := ring.Seal(nil, []byte("x"), place)
	if err != nil {
		t.Fatal(err)
	}

	s.Write(t, "transit/keys/sealwax/rotate", nil)
	if _, err := ring.Rewrap(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	s.Write(t, "transit/keys/sealwax/config", map[string]any{"min_decryption_version": 2})

	s.Seal(t)
	if _, err := ring.Rotate(t.Context()); err != nil {
		t.Errorf("Rotate while the Vault is sealed: %v", err)
	}
	_, err = keyring.Load(t.Context(), store, []*wrappers.KEK{k}, home)
	wantError(t, err, wrappers.Later, "unseal the Vault")
	s.Unseal(t)
	again, err := keyring.Load(t.Context(), store, []*wrappers.KEK{s.kek(t)}, home)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got, err := again.Open(nil, msg, place); err != nil || string(got) != "x" {
		t.Errorf("Open: got %q, %v", got, err)
	}
}
