package transit

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/wrappers"
)

// What a Vault of flesh and blood says is in internal/e2e/vaultcore. Here stand the answers that it does not give there.

const (
	tokenAnswer = `{"data": {"display_name": "approle", "policies": ["default", "app"], "identity_policies": ["team"], "type": "service", "renewable": true, "expire_time": "2026-12-03T10:00:00.5Z"}}`
	keyAnswer   = `{"data": {"type": "aes256-gcm96", "latest_version": 3, "min_decryption_version": 2, "deletion_allowed": true, "auto_rotate_period": 2592000, "keys": {"2": 1700000000, "3": 1800000000}}}`
	rightAnswer = `{"data": {"transit/encrypt/app": ["update"], "transit/decrypt/app": ["root"], "auth/token/renew-self": ["update"]}}`
)

// vault answers by path: a body with status 200, or a status alone.
type vault map[string]any

func (v vault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", "Thu, 03 Dec 2026 09:00:00 GMT")
	switch answer := v[strings.TrimPrefix(r.URL.Path, "/v1/")].(type) {
	case string:
		w.Write([]byte(answer))
	case int:
		w.WriteHeader(answer)
	default:
		w.WriteHeader(http.StatusTeapot)
	}
}

func inspect(t *testing.T, v vault, change func(*Config)) (*wrappers.Inspection, error) {
	t.Helper()
	server := httptest.NewTLSServer(v)
	t.Cleanup(server.Close)
	c := Config{Address: server.URL, TLSSkipVerify: true, Token: token("hvs.secret")}
	if change != nil {
		change(&c)
	}
	k, err := wrappers.New(newWrapper(t, c), nil)
	if err != nil {
		t.Fatal(err)
	}
	found, err := k.Inspect(t.Context())
	if found != nil && (found.Certificate == nil || found.Endpoint != server.URL) {
		t.Errorf("certificate %v, endpoint %q; want one, %q", found.Certificate, found.Endpoint, server.URL)
	}
	return found, err
}

func healthy() vault {
	return vault{lookupPath: tokenAnswer, "transit/keys/app": keyAnswer, capabilitiesPath: rightAnswer}
}

func TestInspect(t *testing.T) {
	found, err := inspect(t, healthy(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, got, want string }{
		{"Identity", found.Identity, "approle (policies default, app, team)"},
		{"Credentials", found.Credentials, "the program: a service token, renewable"},
		{"Expires", found.Expires.String(), "2026-12-03 10:00:00.5 +0000 UTC"},
		{"Renewed", fmt.Sprint(found.Renewed), "true"},
		{"State", string(found.State), "enabled"},
		{"StateDetail", found.StateDetail, "aes256-gcm96, versions 2 to 3 open, may be deleted"},
		{"Rotation", found.Rotation, "automatic every 30 days, next on 2027-02-14"},
		{"Version", found.Version, "3"},
		{"ServerTime", found.ServerTime.String(), "2026-12-03 09:00:00 +0000 UTC"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, c.got, c.want)
		}
	}
	if time.Since(found.LocalTime) > time.Minute {
		t.Errorf("LocalTime: got %v", found.LocalTime)
	}
	wantRights(t, found, "read auth/token/lookup-self", "read transit/keys/app", "update sys/capabilities-self",
		"update transit/encrypt/app", "update transit/decrypt/app", "update auth/token/renew-self")
}

// wantRights wants exactly these rights. One of the form "name: text" has an error with that text.
func wantRights(t *testing.T, found *wrappers.Inspection, want ...string) {
	t.Helper()
	for i, r := range found.Rights {
		name, text, refused := "", "", false
		if i < len(want) {
			name, text, refused = strings.Cut(want[i], ": ")
		}
		if r.Name != name || refused != (r.Err != nil) || refused && !strings.Contains(r.Err.Error(), text) {
			t.Errorf("right %d: got %s, %v; want %s, %s", i, r.Name, r.Err, name, text)
		}
	}
	if len(found.Rights) < len(want) {
		t.Errorf("%d rights, want %d", len(found.Rights), len(want))
	}
}

func TestInspectWithoutRenewal(t *testing.T) {
	found, err := inspect(t, healthy(), func(c *Config) { c.DisableRenewal = true })
	if err != nil || slices.ContainsFunc(found.Rights, func(r wrappers.Right) bool { return strings.Contains(r.Name, renewPath) }) {
		t.Errorf("got %+v, %v; want no right to %s", found, err, renewPath)
	}
}

func TestInspectRefused(t *testing.T) {
	rule := func(path, capability string) string {
		return `and allow it to do this: path "` + path + `" { capabilities = ["` + capability + `"] }`
	}
	for _, c := range []struct {
		name   string
		change vault
		want   []string
	}{
		{"everything denied", vault{lookupPath: 403, "transit/keys/app": 403, capabilitiesPath: 403}, []string{
			"read auth/token/lookup-self: " + rule(lookupPath, "read"),
			"read transit/keys/app: " + rule("transit/keys/app", "read"),
			"update sys/capabilities-self: " + rule(capabilitiesPath, "update"),
		}},
		{"no such key", vault{"transit/keys/app": 404, lookupPath: 503, capabilitiesPath: 500}, []string{
			"read auth/token/lookup-self: Vault answered 503",
			"read transit/keys/app: check key_name and namespace: there is no transit/keys/app",
			"update sys/capabilities-self: Vault answered 500",
		}},
		{"may not encrypt", vault{"transit/keys/app": `{"errors": []}`, capabilitiesPath: `{"data": {"transit/encrypt/app": ["deny"], "transit/decrypt/app": ["update", "create"]}}`}, []string{
			"read auth/token/lookup-self",
			"read transit/keys/app: the answer has no data: is that a Vault?",
			"update sys/capabilities-self",
			`update transit/encrypt/app: the token's policies allow ["deny"] on transit/encrypt/app and not "update"; allow it: path "transit/encrypt/app" { capabilities = ["update"] }`,
			"update transit/decrypt/app",
			`update auth/token/renew-self: policies allow [] on auth/token/renew-self`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := healthy()
			for path, answer := range c.change {
				v[path] = answer
			}
			found, err := inspect(t, v, nil)
			if err != nil {
				t.Fatal(err)
			}
			wantRights(t, found, c.want...)
			if found.ServerTime.IsZero() || strings.Contains(describe(found), "hvs.") {
				t.Errorf("got %+v", found)
			}
		})
	}
}

func TestInspectLearnsNothing(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer any
		change func(*Config)
		want   string
	}{
		{"nobody there", 200, func(c *Config) { c.Address = "https://127.0.0.1:1" }, "check that a Vault answers at https://127.0.0.1:1"},
		{"untrusted", 200, func(c *Config) { c.TLSSkipVerify = false }, "set tls_ca_cert"},
		{"no token", 200, func(c *Config) { c.Token = func() ([]byte, error) { return nil, errors.New("gone") } }, "read the token: gone"},
		{"a page", "<html>", nil, "auth/token/lookup-self: the answer has no data: is that a Vault?"},
		{"nothing", "{}", nil, "auth/token/lookup-self: the answer has no data: is that a Vault?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := inspect(t, vault{lookupPath: c.answer}, c.change)
			if found != nil || err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "wrappers: inspect with transit") {
				t.Errorf("got %v, %v; want %q", found, err, c.want)
			}
		})
	}
}

// A token that never ends, and a key that nobody rotates.
func TestInspectPlain(t *testing.T) {
	v := healthy()
	v[lookupPath] = `{"data": {"display_name": "root", "policies": ["root"], "type": "service", "expire_time": null}}`
	v["transit/keys/app"] = `{"data": {"type": "chacha20-poly1305", "latest_version": 1, "min_decryption_version": 1, "auto_rotate_period": 0}}`
	found, err := inspect(t, v, func(c *Config) { c.Token = nil })
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join([]string{found.Identity, found.Credentials, found.Expires.String(), found.StateDetail, found.Rotation}, "\n")
	want := "root (policies root)\nVAULT_TOKEN, or what stands before the Vault: a service token, not renewable\n0001-01-01 00:00:00 +0000 UTC\n" +
		"chacha20-poly1305, version 1 opens, must not be deleted\noff"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestRotation(t *testing.T) {
	for _, c := range []struct {
		period, made int64
		want         string
	}{
		{0, 1800000000, "off"},
		{3600, 1800000000, "automatic every 1h0m0s, next on 2027-01-15"},
		{86400, 1800000000, "automatic every 24h0m0s, next on 2027-01-16"},
		{172800, 0, "automatic every 2 days"},
	} {
		if got := rotation(c.period, c.made); got != c.want {
			t.Errorf("rotation(%d, %d): got %q, want %q", c.period, c.made, got, c.want)
		}
	}
}

func TestTokenSource(t *testing.T) {
	for value, want := range map[string]string{
		"file:///run/token": "the token file /run/token",
		"env://APP_TOKEN":   "the environment variable APP_TOKEN",
		"hvs.x":             "the config",
		"":                  "VAULT_TOKEN, or what stands before the Vault",
	} {
		items := []any{"mount_path", "transit", "key_name", "app"}
		if value != "" {
			items = append(items, "token", value)
		}
		w, err := Configure(t.Context(), settings(items...))
		if err != nil || w.(*Wrapper).credentials != want {
			t.Errorf("%q: got %+v, %v; want %q", value, w, err, want)
		}
	}
}
