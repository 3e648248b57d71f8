package vaultcore_test

import (
	"testing"

	"github.com/sealwax/sealwax/wrappers"
)

func TestSealed(t *testing.T) {
	s := newSite(t)
	k := newKEK(t, s.config())
	w := wrap(t, k)
	s.Seal(t)
	_, err := k.Unwrap(t.Context(), w, aad)
	wantError(t, err, wrappers.Later, "Vault answered 503: Vault is sealed", "unseal the Vault")
	s.Unseal(t)
	wantOpen(t, k, w)
}
