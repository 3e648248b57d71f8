package vaultcore_test

import (
	"testing"

	"github.com/sealwax/sealwax/wrappers"
)

func TestSealed(t *testing.T) {
	s := newSite(t)
	k := s.kek(t)
	w := wrap(t, k)
	s.Seal(t)
	_, err := k.Unwrap(t.Context(), w, aad)
	wantError(t, err, wrappers.Later, "Vault answered 503: Vault is sealed", "unseal the Vault")
	s.Unseal(t)
	wantOpen(t, k, w)
}

// A Vault that restarts breaks its connections, is away, comes back sealed, and is unsealed. The KEK is the same all the while.
func TestRestart(t *testing.T) {
	s := newSite(t)
	k := s.kek(t)
	w := wrap(t, k)

	s.Stop(t)
	_, err := k.Unwrap(t.Context(), w, aad)
	wantError(t, err, wrappers.Later, "check that a Vault answers at "+s.URL)

	s.Restart(t)
	_, err = k.Unwrap(t.Context(), w, aad)
	wantError(t, err, wrappers.Later, "Vault is sealed", "unseal the Vault")

	s.Unseal(t)
	wantOpen(t, k, w)
	wantOpen(t, s.kek(t), w)
}

// A KEK with its usual patience does not let its caller see a Vault that is unsealed meanwhile.
func TestUnsealedWhileSomebodyWaits(t *testing.T) {
	s := newSite(t)
	k, err := wrappers.New(newWrapper(t, s.config()), &wrappers.Options{Attempts: 100})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	w := wrap(t, k)
	s.Seal(t)
	opened := make(chan error)
	before := s.Front.Count("decrypt")
	go func() {
		_, err := k.Unwrap(t.Context(), w, aad)
		opened <- err
	}()
	waitFor(t, "a second attempt", func() bool { return s.Front.Count("decrypt") >= before+2 })
	s.Unseal(t)
	if err := <-opened; err != nil {
		t.Error(err)
	}
}

func TestRateLimitQuota(t *testing.T) {
	s := newSite(t)
	k := s.kek(t)
	w := wrap(t, k)
	s.Write(t, "sys/quotas/rate-limit/calm", map[string]any{"path": "transit/", "rate": 1, "interval": "1h"})
	wantOpen(t, k, w)
	_, err := k.Unwrap(t.Context(), w, aad)
	wantError(t, err, wrappers.Later, "Vault answered 429", "rate limit quota exceeded", "raise the rate limit quota at Vault")
	s.Delete(t, "sys/quotas/rate-limit/calm")
	wantOpen(t, k, w)
}
