package transit

import (
	"bytes"
	"encoding/base64"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/internal/e2e/vaultserver"
	"github.com/sealwax/sealwax/wrappers"
)

func TestWhatEachCallCosts(t *testing.T) {
	s := start(t)
	k := newKEK(t, config(s))
	if err := k.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := s.Count(""); n != 0 {
		t.Errorf("New and Check: %d requests, want 0", n)
	}
	w := wrap(t, k)
	if e, d, all := s.Count("encrypt"), s.Count("decrypt"), s.Count(""); e != 1 || d != 1 || all != 2 {
		t.Errorf("Wrap: %d encrypt, %d decrypt, %d requests; want 1, 1, 2", e, d, all)
	}
	wantOpen(t, newKEK(t, config(s)), w)
	if d, all := s.Count("decrypt"), s.Count(""); d != 2 || all != 3 {
		t.Errorf("Unwrap after a restart: %d decrypt, %d requests more; want 1, 1", d-1, all-2)
	}
}

func TestWhatIsStored(t *testing.T) {
	s := start(t)
	c := config(s)
	c.MountPath, c.KeyIDPrefix = "/transit", "eu:"
	w := wrap(t, newKEK(t, c))
	if w.Scheme != "vault-transit/1" || w.KeyID != "eu:transit/keys/app" || w.KeyVersion != "1" || !bytes.HasPrefix(w.Blob, []byte("vault:v1:")) {
		t.Errorf("got %s, %s, %s, %.9s; want vault-transit/1, eu:transit/keys/app, 1, vault:v1:", w.Scheme, w.KeyID, w.KeyVersion, w.Blob)
	}
}

func TestRotationAtVault(t *testing.T) {
	s := start(t)
	k := newKEK(t, config(s))
	old := wrap(t, k)
	s.Admin(t, "keys/app/rotate", nil)
	wantOpen(t, k, old)
	next := wrap(t, k)
	if next.KeyVersion != "2" {
		t.Errorf("version after a rotation: got %q, want 2", next.KeyVersion)
	}

	s.Admin(t, "keys/app/config", map[string]any{"min_decryption_version": 2})
	wantOpen(t, k, next)
	_, err := k.Unwrap(t.Context(), old, aad)
	wantError(t, err, wrappers.Ask, "too old", "vault write transit/keys/app/config min_decryption_version=1", "rewrap")
}

// What doctor shows of this server; of a whole Vault, see package vaultcore.
func TestInspect(t *testing.T) {
	s := start(t)
	found, err := newKEK(t, config(s)).Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if found.Version != "1" || len(found.Rights) != 5 {
		t.Errorf("got version %q, rights %v; want 1 and 5 rights", found.Version, found.Rights)
	}
	for _, r := range found.Rights {
		if r.Err != nil {
			t.Errorf("%s: %v", r.Name, r.Err)
		}
	}
}

func TestRefusedBlobs(t *testing.T) {
	s := start(t)
	s.Admin(t, "keys/other", nil)
	k := newKEK(t, config(s))
	w := wrap(t, k)
	for _, c := range []struct {
		name   string
		change func(*wrappers.Wrapped)
		class  wrappers.Class
		want   string
		calls  int
	}{
		{"other key's ID", func(w *wrappers.Wrapped) { w.KeyID = "transit/keys/other" }, wrappers.Never, `wrapped under "transit/keys/other", the config names "transit/keys/app"`, 0},
		{"future version", func(w *wrappers.Wrapped) { w.Blob = bytes.Replace(w.Blob, []byte(":v1:"), []byte(":v7:"), 1) }, wrappers.Ask, "transit/keys/app lacks the version that wrapped this", 1},
		{"forged", func(w *wrappers.Wrapped) { w.Blob = []byte("vault:v1:" + strings.Repeat("A", 40)) }, wrappers.Never, "message authentication failed", 1},
		{"version 0", func(w *wrappers.Wrapped) { w.Blob = bytes.Replace(w.Blob, []byte(":v1:"), []byte(":v0:"), 1) }, wrappers.Never, "malformed", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := *w
			c.change(&changed)
			before := s.Count("")
			_, err := k.Unwrap(t.Context(), &changed, aad)
			wantError(t, err, c.class, c.want)
			if n := s.Count("") - before; n != c.calls {
				t.Errorf("%d requests, want %d", n, c.calls)
			}
		})
	}
	_, err := k.Unwrap(t.Context(), w, []byte("sealwax/v1 keystore=K root=S"))
	wantError(t, err, wrappers.Never, "Vault answered 400: cipher: message authentication failed")
}

func TestReaderNeedsDecryptAlone(t *testing.T) {
	s := start(t)
	c := config(s)
	w := wrap(t, newKEK(t, c))
	s.Deny("encrypt", "renew-self")
	c.DisableRenewal = false
	k := newKEK(t, c)
	wantOpen(t, k, w)
	_, err := k.Wrap(t.Context(), root, aad)
	wantError(t, err, wrappers.Ask, `path "transit/encrypt/app"`)
}

func TestKeysThatDoNotFit(t *testing.T) {
	s := start(t)
	s.Admin(t, "keys/rsa", map[string]any{"type": "rsa-2048"})
	s.Admin(t, "keys/ed", map[string]any{"type": "ed25519"})
	s.Admin(t, "keys/derived", map[string]any{"derived": true})
	for _, c := range []struct{ key, want string }{
		{"rsa", "use a key of type aes256-gcm96, which binds associated data"},
		{"ed", "use a key of type aes256-gcm96"},
		{"derived", "use a key that is not derived"},
		{"nowhere", "Vault says the same when there is no transit/keys/nowhere"}, // only "create" could make it
	} {
		t.Run(c.key, func(t *testing.T) {
			other := config(s)
			other.KeyName = c.key
			_, err := newKEK(t, other).Wrap(t.Context(), root, aad)
			wantError(t, err, wrappers.Ask, c.want)
		})
	}
	for _, key := range []string{"chacha20-poly1305", "aes128-gcm96"} {
		s.Admin(t, "keys/"+key, map[string]any{"type": key})
		other := config(s)
		other.KeyName = key
		wrap(t, newKEK(t, other))
	}
}

func TestKeyOrMountMissing(t *testing.T) {
	s := start(t)
	w := wrap(t, newKEK(t, config(s)))

	other := config(s)
	other.KeyName, w.KeyID = "gone", "transit/keys/gone"
	_, err := newKEK(t, other).Unwrap(t.Context(), w, aad)
	wantError(t, err, wrappers.Ask, "encryption key not found", "check key_name and namespace: there is no transit/keys/gone")

	other.MountPath, w.KeyID = "kms/eu", "kms/eu/keys/gone"
	_, err = newKEK(t, other).Unwrap(t.Context(), w, aad)
	wantError(t, err, wrappers.Ask, "Vault answered 404: no handler for route", "there is no Transit engine at kms/eu/")
}

func TestVaultInTrouble(t *testing.T) {
	s := start(t)
	k := newKEK(t, config(s))
	w := wrap(t, k)
	for _, c := range []struct {
		name    string
		disturb func()
		class   wrappers.Class
		want    []string
	}{
		{"sealed", s.Seal, wrappers.Later, []string{"Vault answered 503: Vault is sealed", "unseal the Vault"}},
		{"denied", func() { s.Deny() }, wrappers.Ask, []string{"Vault answered 403: permission denied", `path "transit/decrypt/app" { capabilities = ["update"] }`}},
		{"error", func() { s.Fail(1) }, wrappers.Later, []string{"Vault answered 500: internal error"}},
		{"rate limit", func() { s.Throttle(1) }, wrappers.Later, []string{"Vault answered 429"}},
		{"cut", func() { s.Cut(1) }, wrappers.Later, []string{"transit/decrypt/app", "EOF"}},
		{"not a Vault", func() { s.Answer(405, "<html>"+strings.Repeat("no ", 500)) }, wrappers.Ask, []string{"<html>no no", "…", "check that address is that of a Vault"}},
		{"nothing there", func() { s.Answer(404, "") }, wrappers.Ask, []string{"Vault answered 404: Not Found"}},
		{"no content", func() { s.Answer(204, "") }, wrappers.Ask, []string{"Vault answered decrypt without a plaintext"}},
		{"empty answer", func() { s.Answer(200, "{}") }, wrappers.Ask, []string{"Vault answered decrypt without a plaintext"}},
		{"http to https", func() { s.Answer(400, "Client sent an HTTP request to an HTTPS server.\n") }, wrappers.Ask, []string{"begin address with https://"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer s.Restore()
			before := s.Count("")
			c.disturb()
			_, err := k.Unwrap(t.Context(), w, aad)
			wantError(t, err, c.class, c.want...)
			if n := s.Count("") - before; n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
			s.Restore()
			wantOpen(t, k, w)
		})
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	c := config(start(t))
	c.Address = "http://" + l.Addr().String()
	began := time.Now()
	_, err = newKEK(t, c).Wrap(t.Context(), root, aad)
	wantError(t, err, wrappers.Later, "connection refused")
	if took := time.Since(began); took > time.Second {
		t.Errorf("took %v; the driver alone takes 7 s", took)
	}
}

// What stands before a Vault may answer with the request, for a browser or to move a terminal's cursor.
func TestAnswerThatRepeatsTheRequest(t *testing.T) {
	s := start(t)
	k, secret := newKEK(t, config(s)), []byte("32 bytes of which none is shown!")
	for _, body := range []string{
		"\x1b[2J\x1b]0;owned\x07 X-Vault-Token: " + s.Token(),
		`{"errors": ["denied: {\"plaintext\": \"` + base64.StdEncoding.EncodeToString(secret) + `\"}"]}`,
		strings.Repeat("<p>", 1<<20),
	} {
		s.Answer(http.StatusForbidden, body)
		_, err := k.Wrap(t.Context(), secret, aad)
		wantError(t, err, wrappers.Ask, "renew the token if it has expired")
		if text := err.Error(); len(text) > 1000 || strings.ContainsAny(text, "\x1b\x07\n") || strings.Contains(text, s.Token()) ||
			strings.Contains(text, base64.RawStdEncoding.EncodeToString(secret[:12])) {
			t.Errorf("got %q", text)
		}
	}
	s.Restore()
	wrap(t, k)
}

func TestTLS(t *testing.T) {
	s, authority := vaultserver.StartTLS(t)
	s.Admin(t, "keys/app", nil)

	c := config(s)
	_, err := newKEK(t, c).Wrap(t.Context(), root, aad)
	wantError(t, err, wrappers.Ask, "certificate signed by unknown authority", "set tls_ca_cert")

	c.TLSCACert = authority
	wrap(t, newKEK(t, c))

	c.TLSServerName = "vault.example.org"
	_, err = newKEK(t, c).Wrap(t.Context(), root, aad)
	wantError(t, err, wrappers.Ask, "not vault.example.org", "set tls_server_name")

	c = config(s)
	c.Address = strings.Replace(s.URL, "https", "http", 1)
	_, err = newKEK(t, c).Wrap(t.Context(), root, aad)
	wantError(t, err, wrappers.Ask, "HTTP request to an HTTPS server", "begin address with https://")

	c = config(start(t))
	c.Address = strings.Replace(c.Address, "http", "https", 1)
	_, err = newKEK(t, c).Wrap(t.Context(), root, aad)
	wantError(t, err, wrappers.Ask, "check address: no TLS is spoken there")
}
