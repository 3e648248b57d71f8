package transit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/internal/e2e/vaultserver"
	"github.com/sealwax/sealwax/wrappers"
)

func newTokenFile(t testing.TB, token string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "token")
	writeToken(t, file, token)
	return file
}

func writeToken(t testing.TB, file, token string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// fileKEK is a KEK whose config names a token file.
func fileKEK(t *testing.T, s *vaultserver.Server, file string) *wrappers.KEK {
	t.Helper()
	k, _ := configure(t, set("address", s.URL), set("mount_path", "transit/"), set("key_name", "app"),
		set("token", "file://"+file), set("disable_renewal", true))
	return k
}

func TestTokenFileIsReadAgainWhenVaultRefuses(t *testing.T) {
	s := start(t)
	file := filepath.Join(t.TempDir(), "token")
	k := fileKEK(t, s, file)

	if err := k.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "token") {
		t.Errorf("Check without the token file: got %v", err)
	}
	writeToken(t, file, s.Token())
	w := wrap(t, k)

	s.SetToken("hvs.next")
	before := s.Count("decrypt")
	_, err := k.Unwrap(t.Context(), w, aad)
	wantError(t, err, wrappers.Ask, "permission denied", "renew the token if it has expired")
	if n := s.Count("decrypt") - before; n != 1 {
		t.Errorf("with the old token still in the file: %d requests, want 1", n)
	}

	writeToken(t, file, "hvs.next")
	before = s.Count("decrypt")
	wantOpen(t, k, w)
	wantOpen(t, k, w)
	if n := s.Count("decrypt") - before; n != 3 {
		t.Errorf("with the new token: %d requests, want 2 for the first and 1 for the second", n)
	}
}

func TestTokenExpiresUnderARing(t *testing.T) {
	s, store := start(t), newStore(t)
	file := newTokenFile(t, s.Token())
	k := fileKEK(t, s, file)
	r := create(t, store, k)
	msg := seal(t, r, "x")

	s.SetToken("hvs.next")
	wantCalls(t, s, "Seal, Open and Rotate", calls{}, func() {
		rotate(t, r)
		wantMessage(t, r, msg, "x")
	})
	_, err := r.Rewrap(t.Context(), k)
	wantError(t, err, wrappers.Ask, "permission denied", "renew the token if it has expired")
	err = loadError(t, time.Second, store, fileKEK(t, s, file))
	wantError(t, err, wrappers.Ask, "permission denied", "renew the token if it has expired")

	writeToken(t, file, "hvs.next")
	wantCalls(t, s, "Rewrap: refused once, read again", calls{"encrypt": 1, "decrypt": 3}, func() { rewrap(t, r, k) })
	wantCalls(t, s, "Load", calls{"decrypt": 1}, func() { wantMessage(t, load(t, store, fileKEK(t, s, file)), msg, "x") })
}

// A missing token file stops this KEK, and not the start.
func TestTokenFileIsMissing(t *testing.T) {
	s, store := start(t), newStore(t)
	near := newLocal(t, wrappers.Options{})
	create(t, store, newKEK(t, config(s)), near)
	far := fileKEK(t, s, t.TempDir()+"/token")
	wantCalls(t, s, "Load", calls{}, func() {
		load(t, store, far, near)
		err := loadError(t, time.Second, store, far)
		wantError(t, err, wrappers.Ask, "keyring.hcl:1: keyring transit: token", "no such file")
	})
}

func TestTokenIsRenewed(t *testing.T) {
	s := start(t)
	s.SetLease(1)
	c := config(s)
	c.DisableRenewal = false
	k := newKEK(t, c)
	w := wrap(t, k)
	waitFor(t, "two renewals", func() bool { return s.Count("renew-self") >= 2 })

	// Another token is renewed too.
	s.SetToken("hvs.next")
	wantOpen(t, k, w)
	before := s.Count("renew-self")
	waitFor(t, "a renewal of the next token", func() bool { return s.Count("renew-self") > before })

	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	after := s.Count("renew-self")
	time.Sleep(1100 * time.Millisecond) // longer than any pause for a lease of a second
	if n := s.Count("renew-self") - after; n != 0 {
		t.Errorf("%d renewals after Close, want 0", n)
	}
}

func TestTokenThatNeedsNoRenewal(t *testing.T) {
	s := start(t) // its tokens last for ever
	c := config(s)
	c.DisableRenewal = false
	k := newKEK(t, c)
	w := wrap(t, k)
	waitFor(t, "the one renewal", func() bool { return s.Count("renew-self") == 1 })
	for range 3 {
		wantOpen(t, k, w)
	}
	if n := s.Count("renew-self"); n != 1 {
		t.Errorf("%d renewals, want 1", n)
	}
}

func TestCloseDoesNotWaitForARenewalThatHangs(t *testing.T) {
	s := start(t)
	s.SetLease(1)
	c := config(s)
	c.DisableRenewal = false
	k := newKEK(t, c)
	wrap(t, k)
	s.Hang()
	before := s.Count("renew-self")
	waitFor(t, "a renewal that hangs", func() bool { return s.Count("renew-self") > before })
	began := time.Now()
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("Close took %v", took)
	}
}
