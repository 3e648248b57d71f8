package vaultcore_test

import (
	"os"
	"testing"
	"time"

	"github.com/sealwax/sealwax/wrappers"
)

// A token of two seconds lives on because it is renewed, and another one of the same kind does not.
func TestTokenIsRenewed(t *testing.T) {
	s := newSite(t)
	const short = 2 * time.Second
	s.use(t, s.Token(t, "sealwax", map[string]any{"period": short.String()}))
	c := s.config()
	c.DisableRenewal = false
	k := newKEK(t, c)
	w := wrap(t, k)

	s.use(t, s.Token(t, "sealwax", map[string]any{"period": short.String()}))
	neglected := s.kek(t)
	wantOpen(t, neglected, w)
	waitFor(t, "the end of a token that nobody renews", func() bool {
		_, err := neglected.Unwrap(t.Context(), w, aad)
		return wrappers.ClassOf(err) == wrappers.Ask
	})
	os.Remove(s.file) // there is no other token to fall back to
	wantOpen(t, k, w)
	if n := s.Front.Count("renew-self"); n < 2 {
		t.Errorf("%d renewals, want 2 or more", n)
	}
}

// An agent puts another token into the file when the first has ended. The KEK stays.
func TestExpiredTokenIsReplaced(t *testing.T) {
	s := newSite(t)
	k := s.kek(t)
	w := wrap(t, k)
	s.use(t, s.Token(t, "sealwax", map[string]any{"ttl": "1s", "renewable": false}))
	again := s.kek(t)
	wantOpen(t, again, w)
	waitFor(t, "the end of the token", func() bool {
		_, err := again.Unwrap(t.Context(), w, aad)
		return err != nil
	})
	_, err := again.Unwrap(t.Context(), w, aad)
	wantError(t, err, wrappers.Ask, "permission denied", "renew the token if it has expired")
	s.reload(t)
	wantOpen(t, again, w)
	wantOpen(t, k, w)
}

// A batch token is not stored at Vault and cannot be renewed. It is used as it is.
func TestBatchToken(t *testing.T) {
	s := newSite(t)
	s.use(t, s.Token(t, "sealwax", map[string]any{"type": "batch", "ttl": "1h"}))
	c := s.config()
	c.DisableRenewal = false
	k := newKEK(t, c)
	w := wrap(t, k)
	waitFor(t, "the one renewal that is tried", func() bool { return s.Front.Count("renew-self") == 1 })
	wantOpen(t, k, w)
	if n := s.Front.Count("renew-self"); n != 1 {
		t.Errorf("%d renewals, want 1", n)
	}
}

// A token without Vault's policy "default" may not renew itself, and needs to be replaced in time.
func TestTokenWithoutDefaultPolicy(t *testing.T) {
	s := newSite(t)
	s.use(t, s.Token(t, "sealwax", map[string]any{"no_default_policy": true}))
	c := s.config()
	c.DisableRenewal = false
	k := newKEK(t, c)
	w := wrap(t, k)
	waitFor(t, "the one renewal that is tried", func() bool { return s.Front.Count("renew-self") == 1 })
	wantOpen(t, k, w)
}
