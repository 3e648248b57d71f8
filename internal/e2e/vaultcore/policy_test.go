package vaultcore_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/wrappers"
)

// The documented policy is enough to wrap and to unwrap.
func TestDocumentedPolicy(t *testing.T) {
	s := newSite(t)
	k := s.kek(t)
	wantOpen(t, k, wrap(t, k))
}

// And it is not enough for anything else.
func TestDocumentedPolicyIsLeastPrivilege(t *testing.T) {
	s := newSite(t)
	s.Write(t, "transit/keys/other", nil)
	client := s.client(t)
	for _, c := range []struct {
		what string
		call func() error
	}{
		{"read the key", func() error { _, err := client.Logical().Read("transit/keys/sealwax"); return err }},
		{"list keys", func() error { _, err := client.Logical().List("transit/keys"); return err }},
		{"make a key", write(client, "transit/keys/new", nil)},
		{"rotate", write(client, "transit/keys/sealwax/rotate", nil)},
		{"allow the deletion", write(client, "transit/keys/sealwax/config", map[string]any{"deletion_allowed": true})},
		{"delete", func() error { _, err := client.Logical().Delete("transit/keys/sealwax"); return err }},
		{"export", func() error { _, err := client.Logical().Read("transit/export/encryption-key/sealwax"); return err }},
		{"back up", func() error { _, err := client.Logical().Read("transit/backup/sealwax"); return err }},
		{"encrypt with another key", write(client, "transit/encrypt/other", map[string]any{"plaintext": "cm9vdA=="})},
		{"make a token", write(client, "auth/token/create", map[string]any{"policies": "root"})},
		{"seal", func() error { return client.Sys().Seal() }},
	} {
		if err := c.call(); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: got %v, want permission denied", c.what, err)
		}
	}
}

func TestDecryptMissingFromThePolicy(t *testing.T) {
	s := newSite(t)
	s.Policy(t, "sealwax", `path "transit/encrypt/sealwax" { capabilities = ["update"] }`)
	_, err := s.kek(t).Wrap(t.Context(), root, aad)
	wantError(t, err, wrappers.Ask, "wrappers: read back with transit", "permission denied", `path "transit/decrypt/sealwax" { capabilities = ["update"] }`)
}

func TestReaderNeedsDecryptAlone(t *testing.T) {
	s := newSite(t)
	w := wrap(t, s.kek(t))
	s.Policy(t, "sealwax", `path "transit/decrypt/sealwax" { capabilities = ["update"] }`)
	k := s.kek(t)
	wantOpen(t, k, w)
	_, err := k.Wrap(t.Context(), root, aad)
	wantError(t, err, wrappers.Ask, "permission denied", `path "transit/encrypt/sealwax"`)
}

// What "create" does is why the package doc says not to grant it.
func TestMisspeltKeyName(t *testing.T) {
	s := newSite(t)
	c := s.config()
	c.KeyName = "sealwxa"

	s.Policy(t, "sealwax", `path "transit/+/sealwxa" { capabilities = ["update"] }`)
	_, err := newKEK(t, c).Wrap(t.Context(), root, aad)
	wantError(t, err, wrappers.Ask, "permission denied", "Vault says the same when there is no transit/keys/sealwxa")
	if keys := s.keys(t); !slices.Equal(keys, []string{"sealwax"}) {
		t.Errorf("keys without create: got %v, want sealwax alone", keys)
	}

	s.Policy(t, "sealwax", `path "transit/+/sealwxa" { capabilities = ["create", "update"] }`)
	wrap(t, newKEK(t, c))
	if keys := s.keys(t); !slices.Contains(keys, "sealwxa") {
		t.Errorf("keys with create: got %v; this Vault would not need the advice", keys)
	}
}
