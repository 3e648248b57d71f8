package azurekeyvault

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sealwax/sealwax/internal/e2e/azureserver"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/wrappers"
)

func TestVaultInTrouble(t *testing.T) {
	s := start(t)
	k := newKEK(t, config())
	w := wrap(t, k)
	for _, c := range []struct {
		name    string
		disturb func()
		class   wrappers.Class
		want    []string
	}{
		{"denied by role", func() { s.Deny(t, "prod", "ForbiddenByRbac") }, wrappers.Ask, []string{"403 Forbidden (ForbiddenByRbac): Caller is not authorized", "az role assignment create"}},
		{"denied by access policy", func() { s.Deny(t, "prod", "AccessDenied") }, wrappers.Ask, []string{"(AccessDenied): The user, group or application", "az keyvault set-policy --name prod --spn " + azureserver.Client}},
		{"firewall", func() { s.Deny(t, "prod", "ForbiddenByFirewall") }, wrappers.Ask, []string{"(ForbiddenByFirewall): Client address is not authorized", "az keyvault network-rule add --name prod"}},
		{"disabled", func() { s.Enable(t, "prod", "app", false) }, wrappers.Ask, []string{"(KeyDisabled): Operation unwrapKey is not allowed on a disabled key.", "set-attributes --id https://prod.vault.azure.net/keys/app/" + w.KeyVersion + " --enabled true"}},
		{"deleted", func() { s.Delete(t, "prod", "app") }, wrappers.Ask, []string{"404 KeyNotFound", "az keyvault key recover --vault-name prod --name app"}},
		{"error", func() { s.Fail(1) }, wrappers.Later, []string{"Key Vault answered 500 InternalServerError"}},
		{"throttled", func() { s.Throttle(1) }, wrappers.Later, []string{"Key Vault answered 429 Throttled (VaultRequestTypeLimitReached)"}},
		{"cut", func() { s.Cut(1) }, wrappers.Later, []string{"unexpected EOF"}},
		{"not a vault", func() { s.Refuse(405, page("<html>"+strings.Repeat("no ", 500))) }, wrappers.Ask, []string{"405 Method Not Allowed: <html>no no", "…", "check that vault_name and resource"}},
		{"empty answer", func() { s.Refuse(200, page("{}"), "unwrapkey") }, wrappers.Ask, []string{"unwrapkey was answered without a value"}},
		{"not JSON", func() { s.Refuse(200, page("<html>"), "unwrapkey") }, wrappers.Later, []string{"unwrapkey: "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer mend(t, s)
			c.disturb()
			wantCalls(t, s, "Unwrap", calls{"unwrapkey": 1}, func() {
				_, err := k.Unwrap(t.Context(), w, kektest.AAD)
				wantError(t, err, c.class, c.want...)
			})
			mend(t, s)
			wantOpen(t, k, w)
		})
	}
}

func page(text string) func(string, string) string {
	return func(string, string) string { return text }
}

func mend(t *testing.T, s *azureserver.Server) {
	t.Helper()
	s.Restore()
	s.Deny(t, "prod", "")
	s.Enable(t, "prod", "app", true)
	s.Recover(t, "prod", "app")
	s.SetExpiry(t, "prod", "app", time.Time{})
}

func TestAnswersToWrapThatAreNotKeyVaults(t *testing.T) {
	s := start(t)
	k := newKEK(t, config())
	wrap(t, k)
	good := `"kid":"https://prod.vault.azure.net/keys/app/` + strings.Repeat("a", 32) + `"`
	for body, want := range map[string]string{
		`{}`: "wrapkey was answered without a key ID",
		`{"kid":"https://prod.vault.azure.net/keys/other/` + strings.Repeat("a", 32) + `","value":"AA"}`: "wrapkey was answered for another key",
		`{` + good + `,"value":"AAAA"}`: "3 bytes, a ciphertext of an RSA key has 256, 384 or 512: is https://prod.vault.azure.net/keys/app an RSA key?",
	} {
		s.Refuse(200, page(body), "wrapkey")
		_, err := k.Wrap(t.Context(), kektest.Root, kektest.AAD)
		wantError(t, err, wrappers.Ask, want)
	}
}

// Before anybody gets a token, he has to say what it is for.
func TestSomebodyElseAnswersForTheVault(t *testing.T) {
	s := start(t)
	for status, want := range map[int]string{
		401: "wrapkey: is that a Key Vault? response has no WWW-Authenticate header",
		200: "wrapkey: is that a Key Vault? response has no WWW-Authenticate header",
		404: "Key Vault answered 404 Not Found: nothing here; check that vault_name and resource are those of a Key Vault",
	} {
		s.Refuse(status, page("nothing here"))
		wantCalls(t, s, "Wrap", calls{"challenge": 1}, func() {
			_, err := newKEK(t, config()).Wrap(t.Context(), kektest.Root, kektest.AAD)
			wantError(t, err, wrappers.Ask, want)
		})
	}
}

// Nobody gets a token by saying that it is for him.
func TestStrangeChallenges(t *testing.T) {
	s := start(t)
	for header, want := range map[string]string{
		`Basic realm="proxy"`: "could not find a valid resource in the WWW-Authenticate header",
		`Bearer authorization="https://login.microsoftonline.com/x", resource="https://example.com"`: `challenge resource "https://example.com" doesn't match the requested domain`,
		`Bearer authorization="nowhere", resource="https://vault.azure.net"`:                         "the client panicked at the WWW-Authenticate header",
	} {
		s.Challenge(header)
		wantCalls(t, s, header, calls{"challenge": 1}, func() {
			_, err := newKEK(t, config()).Wrap(t.Context(), kektest.Root, kektest.AAD)
			wantError(t, err, wrappers.Ask, ": wrapkey: is that a Key Vault? "+want)
		})
	}
}

// A process that only reads needs the right to unwrap alone.
func TestReaderNeedsUnwrapAlone(t *testing.T) {
	s := start(t)
	w := wrap(t, newKEK(t, config()))
	s.Deny(t, "prod", "ForbiddenByRbac", "wrapkey", "get")
	k := newKEK(t, config())
	wantOpen(t, k, w)
	_, err := k.Wrap(t.Context(), kektest.Root, kektest.AAD)
	wantError(t, err, wrappers.Ask, "wrapkey: Key Vault answered 403")
}

// A version that has expired still unwraps, so that no start fails for it.
func TestExpiredKeyStillUnwraps(t *testing.T) {
	s := start(t)
	k := newKEK(t, config())
	w := wrap(t, k)
	s.SetExpiry(t, "prod", "app", time.Now().Add(-time.Hour))
	wantOpen(t, k, w)
	_, err := k.Wrap(t.Context(), kektest.Root, kektest.AAD)
	wantError(t, err, wrappers.Ask, "(KeyExpired): Operation wrapKey is not allowed on an expired key.", "az keyvault key rotate --vault-name prod --name app")
}

func TestNamesThatDoNotExist(t *testing.T) {
	s := start(t)
	w := wrap(t, newKEK(t, config()))
	c := config()
	c.KeyName, w.KeyID = "gone", "https://prod.vault.azure.net/keys/gone"
	_, err := newKEK(t, c).Unwrap(t.Context(), w, kektest.AAD)
	wantError(t, err, wrappers.Ask, "404 KeyNotFound", "az keyvault key recover --vault-name prod --name gone")

	c.VaultName = "elsewhere"
	_, err = newKEK(t, c).Wrap(t.Context(), kektest.Root, kektest.AAD)
	wantError(t, err, wrappers.Ask, "404 VaultNotFound", "check that vault_name and resource")

	proxy.Route("*.vault.azure.net:443", "")
	defer route(s.Address)
	_, err = newKEK(t, config()).Wrap(t.Context(), kektest.Root, kektest.AAD)
	wantError(t, err, wrappers.Later, "check that https://prod.vault.azure.net and https://login.microsoftonline.com can be reached from here, through HTTPS_PROXY")
}

// Everything on the way may be silent, the login too: a deadline holds, and nothing stays behind.
func TestSilenceLeavesNothingRunning(t *testing.T) {
	s := start(t)
	w := wrap(t, newKEK(t, config()))
	for _, operation := range []string{"challenge", "discovery", "token", "unwrapkey"} {
		t.Run(operation, func(t *testing.T) {
			wrap(t, newKEK(t, config())) // makes the login's connection, which Azure's library keeps for 90 s
			before := goleak.IgnoreCurrent()
			k := newKEK(t, config())
			s.Hang(operation)
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			began := time.Now()
			_, err := k.Unwrap(ctx, w, kektest.AAD)
			wantError(t, err, wrappers.Later, "deadline exceeded")
			if took := time.Since(began); took > 300*time.Millisecond {
				t.Errorf("took %v", took)
			}
			if err := k.Close(); err != nil {
				t.Fatal(err)
			}
			s.Restore()
			goleak.VerifyNone(t, append(ignoreServers, before)...)
		})
	}
}

// ignoreServers are goroutines of this process's own server and proxy.
var ignoreServers = []goleak.Option{
	goleak.IgnoreAnyFunction("net/http.(*conn).serve"),
	goleak.IgnoreAnyFunction("github.com/sealwax/sealwax/internal/e2e/tlsproxy.(*pair).carry"),
	goleak.IgnoreAnyFunction("github.com/sealwax/sealwax/internal/e2e/tlsproxy.pipe"),
}

// What stands before a vault or the login may answer with the request.
func TestAnswerThatRepeatsTheRequest(t *testing.T) {
	s := start(t)
	k, secretRoot := newKEK(t, config()), []byte("32 bytes of which none is shown!")
	wrap(t, k)
	for _, form := range []string{"\x1b[2J %s %s", `{"error":{"code":"Forbidden","message":%q,"innererror":{"code":%q}}}`, `{"error":%q,"error_description":%q}`} {
		for _, c := range []struct {
			fresh bool // so that the login is answered so
			body  bool // of the request too, which has a KEK show nothing of the text if it is the vault's
		}{{false, false}, {false, true}, {true, false}, {true, true}} {
			repeat := func(authorization, body string) string {
				if !c.body {
					body = "that"
				}
				return fmt.Sprintf(form, authorization, body)
			}
			s.Refuse(http.StatusForbidden, repeat)
			if c.fresh {
				s.Refuse(http.StatusForbidden, repeat, "token")
				k = newKEK(t, config())
			}
			_, err := k.Wrap(t.Context(), secretRoot, kektest.AAD)
			wantError(t, err, wrappers.Ask)
			if text := err.Error(); len(text) > 1000 || strings.ContainsAny(text, "\x1b\n") || strings.Contains(text, azureserver.Signature) || strings.Contains(text, secret) ||
				strings.Contains(text, base64.RawURLEncoding.EncodeToString(secretRoot[:12])) {
				t.Errorf("got %q", text)
			}
		}
	}
	s.Restore()
	wrap(t, k)
}
