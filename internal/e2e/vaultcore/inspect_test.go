package vaultcore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/transit"
)

func inspect(t *testing.T, c transit.Config) *wrappers.Inspection {
	t.Helper()
	found, err := newKEK(t, c).Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// wantRights wants exactly these rights. One of the form "name: text" has an error with that text.
func wantRights(t *testing.T, found *wrappers.Inspection, want ...string) {
	t.Helper()
	if len(found.Rights) != len(want) {
		t.Fatalf("rights: got %v, want %q", found.Rights, want)
	}
	for i, r := range found.Rights {
		name, text, refused := strings.Cut(want[i], ": ")
		if r.Name != name || refused != (r.Err != nil) || refused && !strings.Contains(r.Err.Error(), text) {
			t.Errorf("right %d: got %s, %v; want %s, %q", i, r.Name, r.Err, name, text)
		}
	}
}

// A token with both documented policies sees everything.
func TestInspect(t *testing.T) {
	s := newSite(t)
	s.Policy(t, "sealwax-doctor", documented(t, "vault policy write sealwax-doctor -"))
	s.Write(t, "transit/keys/sealwax/rotate", nil)
	s.Write(t, "transit/keys/sealwax/config", map[string]any{"min_decryption_version": 2, "auto_rotate_period": "8760h"})
	began := time.Now()
	s.use(t, s.Token(t, "sealwax", map[string]any{"policies": []string{"sealwax", "sealwax-doctor"}, "period": "72h", "display_name": "web"}))
	c := s.config()
	c.DisableRenewal = false
	found := inspect(t, c)

	for _, f := range []struct{ what, got, want string }{
		{"Endpoint", found.Endpoint, s.URL},
		{"Identity", found.Identity, "token-web (policies default, sealwax, sealwax-doctor)"},
		{"Credentials", found.Credentials, "the program: a service token, renewable"},
		{"State", string(found.State), "enabled"},
		{"StateDetail", found.StateDetail, "aes256-gcm96, version 2 opens, must not be deleted"},
		{"Rotation", found.Rotation, "automatic every 365 days, next on " + began.UTC().Add(8760*time.Hour).Format(time.DateOnly)},
		{"Version", found.Version, "2"},
	} {
		if f.got != f.want {
			t.Errorf("%s: got %q, want %q", f.what, f.got, f.want)
		}
	}
	if left := found.Expires.Sub(began); left < 71*time.Hour || left > 73*time.Hour {
		t.Errorf("Expires: in %v, want 72 h", left)
	}
	if found.Certificate == nil || found.Certificate.VerifyHostname("localhost") != nil {
		t.Errorf("Certificate: got %v", found.Certificate)
	}
	if off := found.LocalTime.Sub(found.ServerTime); off < 0 || off > 2*time.Second { // a Date has whole seconds
		t.Errorf("clocks differ by %v", off)
	}
	wantRights(t, found, "read auth/token/lookup-self", "read transit/keys/sealwax", "update sys/capabilities-self",
		"update transit/encrypt/sealwax", "update transit/decrypt/sealwax", "update auth/token/renew-self")
	if n := s.Front.Count(""); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
}

// What a token does not see is a right that says how to grant it, and no failure.
func TestInspectWithoutTheDoctorsPolicy(t *testing.T) {
	s := newSite(t)
	const readKey = `read transit/keys/sealwax: path "transit/keys/sealwax" { capabilities = ["read"] }`
	found := inspect(t, s.config())
	wantRights(t, found, "read auth/token/lookup-self", readKey, "update sys/capabilities-self",
		"update transit/encrypt/sealwax", "update transit/decrypt/sealwax")
	if found.State != "" || found.Version != "" || found.Expires.IsZero() {
		t.Errorf("got state %q, version %q, expires %v", found.State, found.Version, found.Expires)
	}

	s.use(t, s.Token(t, "sealwax", map[string]any{"no_default_policy": true}))
	wantRights(t, inspect(t, s.config()), `read auth/token/lookup-self: path "auth/token/lookup-self" { capabilities = ["read"] }`, readKey,
		`update sys/capabilities-self: path "sys/capabilities-self" { capabilities = ["update"] }`)

	s.Policy(t, "sealwax", `path "transit/decrypt/sealwax" { capabilities = ["update"] }`)
	s.reload(t)
	wantRights(t, inspect(t, s.config()), "read auth/token/lookup-self", readKey, "update sys/capabilities-self",
		`update transit/encrypt/sealwax: allow it: path "transit/encrypt/sealwax" { capabilities = ["update"] }`, "update transit/decrypt/sealwax")
}

func TestInspectOtherTokens(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		name                  string
		options               map[string]any
		identity, credentials string
		expires               bool
	}{
		{"batch", map[string]any{"type": "batch", "ttl": "1h"}, "token (policies default, sealwax)", "a batch token, not renewable", true},
		{"root", map[string]any{"policies": []string{"root"}}, "token (policies root)", "a service token, not renewable", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.use(t, s.Token(t, "sealwax", c.options))
			found := inspect(t, s.config())
			if found.Identity != c.identity || !strings.HasSuffix(found.Credentials, c.credentials) || found.Expires.IsZero() == c.expires {
				t.Errorf("got %q, %q, expires %v", found.Identity, found.Credentials, found.Expires)
			}
		})
	}
}

// Doctor looks with a KEK that may have been there for days: a token that was replaced meanwhile is no finding.
func TestInspectReadsTheTokenAgain(t *testing.T) {
	s := newSite(t)
	k := s.kek(t)
	wrap(t, k)
	s.Revoke(t, s.token)
	found, err := k.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantRights(t, found, "read auth/token/lookup-self: renew the token if it has expired", "read transit/keys/sealwax: 403", "update sys/capabilities-self: 403")
	s.reload(t)
	found, err = k.Inspect(t.Context())
	if err != nil || found.Rights[0].Err != nil {
		t.Errorf("with the next token: got %+v, %v", found, err)
	}
}

func TestInspectInTrouble(t *testing.T) {
	s := newSite(t)
	s.Policy(t, "sealwax", `path "transit/*" { capabilities = ["read", "update"] }`)
	s.Write(t, "transit/keys/sealwax/config", map[string]any{"deletion_allowed": true})
	s.Delete(t, "transit/keys/sealwax")
	found := inspect(t, s.config())
	wantRights(t, found, "read auth/token/lookup-self", "read transit/keys/sealwax: check key_name and namespace: there is no transit/keys/sealwax",
		"update sys/capabilities-self", "update transit/encrypt/sealwax", "update transit/decrypt/sealwax")

	s.Delete(t, "sys/mounts/transit")
	if err := inspect(t, s.config()).Rights[1].Err; err == nil || !strings.Contains(err.Error(), "there is no Transit engine at transit/") {
		t.Errorf("without the engine: got %v", err)
	}

	k := s.kek(t)
	s.Seal(t)
	found, err := k.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantRights(t, found, "read auth/token/lookup-self: unseal the Vault", "read transit/keys/sealwax: unseal the Vault", "update sys/capabilities-self: unseal the Vault")
	if found.Certificate == nil || found.ServerTime.IsZero() {
		t.Errorf("sealed: got %+v, want certificate and time", found)
	}

	s.Stop(t)
	_, err = k.Inspect(t.Context())
	wantError(t, err, wrappers.Later, "wrappers: inspect with transit", "check that a Vault answers at "+s.URL)
}
