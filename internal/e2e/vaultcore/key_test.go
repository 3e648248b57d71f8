package vaultcore_test

import (
	"testing"

	"github.com/sealwax/sealwax/wrappers"
)

func TestRotation(t *testing.T) {
	s := newSite(t)
	k := s.kek(t)
	old := wrap(t, k)
	s.Write(t, "transit/keys/sealwax/rotate", nil)
	next := wrap(t, k)
	if old.KeyVersion != "1" || next.KeyVersion != "2" {
		t.Errorf("versions: got %q and %q, want 1 and 2", old.KeyVersion, next.KeyVersion)
	}
	wantOpen(t, s.kek(t), old)
	wantOpen(t, s.kek(t), next)
}

// The error has the command that brings the version back. It is run as it stands.
func TestOldVersionForbidden(t *testing.T) {
	s := newSite(t)
	k := s.kek(t)
	old := wrap(t, k)
	s.Write(t, "transit/keys/sealwax/rotate", nil)
	s.Write(t, "transit/keys/sealwax/config", map[string]any{"min_decryption_version": 2})
	_, err := k.Unwrap(t.Context(), old, aad)
	wantError(t, err, wrappers.Ask, "too old", "allow the version again, then run keyring rewrap: vault write transit/keys/sealwax/config min_decryption_version=1")
	wantOpen(t, k, wrap(t, k))
	s.Write(t, "transit/keys/sealwax/config", map[string]any{"min_decryption_version": "1"})
	wantOpen(t, k, old)
}

func TestKeyDeleted(t *testing.T) {
	s := newSite(t)
	k := s.kek(t)
	w := wrap(t, k)
	s.Write(t, "transit/keys/sealwax/config", map[string]any{"deletion_allowed": true})
	s.Delete(t, "transit/keys/sealwax")
	_, err := k.Unwrap(t.Context(), w, aad)
	wantError(t, err, wrappers.Ask, "Vault answered 400: encryption key not found", "check key_name and namespace: there is no transit/keys/sealwax")
	_, err = k.Wrap(t.Context(), root, aad)
	wantError(t, err, wrappers.Ask, "permission denied", "Vault says the same when there is no transit/keys/sealwax")

	// A key of the same name is another key.
	s.Write(t, "transit/keys/sealwax", nil)
	_, err = k.Unwrap(t.Context(), w, aad)
	wantError(t, err, wrappers.Never, "message authentication failed", "transit/keys/sealwax made anew")
}

func TestEngineUnmounted(t *testing.T) {
	s := newSite(t)
	k := s.kek(t)
	w := wrap(t, k)
	s.Delete(t, "sys/mounts/transit")
	_, err := k.Unwrap(t.Context(), w, aad)
	wantError(t, err, wrappers.Ask, "no handler for route", "there is no Transit engine at transit/")
}

// Namespaces are Enterprise's. This Vault takes no notice of the header, so a namespace that is set by mistake does no harm, and
// it is not a part of the key's ID.
func TestNamespaceWithoutEnterprise(t *testing.T) {
	s := newSite(t)
	w := wrap(t, s.kek(t))
	c := s.config()
	c.Namespace = "team-a"
	k := newKEK(t, c)
	wantOpen(t, k, w)
	wantOpen(t, s.kek(t), wrap(t, k))
}
