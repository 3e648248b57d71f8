package azurekeyvault

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/settingstest"
	"github.com/sealwax/sealwax/wrappers"
)

func settings(pairs ...any) *wrappers.Settings { return settingstest.Of("azurekeyvault.eu", pairs...) }

func TestConfigureTakesAllOfNomadsSettings(t *testing.T) {
	withoutVariables(t)
	t.Setenv("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/")
	w, err := Configure(t.Context(), settings(
		"tenant_id", "contoso.onmicrosoft.com", "client_id", "file:///run/id", "client_secret", "8Q~x", "environment", "AzureUSGovernmentCloud",
		"resource", "managedhsm.usgovcloudapi.net", "vault_name", "Prod-1", "key_name", "app", "key_not_required", "true", "disallow_env_vars", true))
	if err != nil {
		t.Fatal(err)
	}
	got := w.(*Wrapper).config
	secret, err := got.ClientSecret()
	if err != nil || string(secret) != "8Q~x" {
		t.Errorf("ClientSecret: got %q, %v", secret, err)
	}
	got.ClientSecret = nil
	want := Config{
		TenantID: "contoso.onmicrosoft.com", ClientID: "file:///run/id", Environment: "AzureUSGovernmentCloud",
		Resource: "managedhsm.usgovcloudapi.net", VaultName: "prod-1", KeyName: "app", DisallowEnvVars: true,
	}
	if gotText, wantText := fmt.Sprintf("%#v", got), fmt.Sprintf("%#v", want); gotText != wantText {
		t.Errorf("config: got\n%s\nwant\n%s", gotText, wantText)
	}
	if id, _ := w.KeyId(t.Context()); id != "https://prod-1.managedhsm.usgovcloudapi.net/keys/app" {
		t.Errorf("KeyId: got %q", id)
	}
}

func TestConfigureRefuses(t *testing.T) {
	good := []any{"vault_name", "prod", "key_name", "app"}
	withoutVariables(t)
	settingstest.Refused(t, Configure, "azurekeyvault.eu", settingstest.Refusals{
		{"nothing", nil, "vault_name is missing"},
		{"no key", []any{"vault_name", "prod"}, "key_name is missing"},
		{"vault with its domain", []any{"vault_name", "prod.vault.azure.net", "key_name", "app"}, "k.hcl:3: keyring azurekeyvault.eu: vault_name: must be the name of a vault, without its domain"},
		{"vault too short", []any{"vault_name", "pr", "key_name", "app"}, "vault_name: must be"},
		{"vault too long", []any{"vault_name", strings.Repeat("p", 25), "key_name", "app"}, "vault_name: must be"},
		{"vault with two hyphens", []any{"vault_name", "prod--eu", "key_name", "app"}, "vault_name: must be"},
		{"vault that begins with a digit", []any{"vault_name", "1prod", "key_name", "app"}, "vault_name: must be"},
		{"key with a version", []any{"vault_name", "prod", "key_name", "app/" + version}, "key_name: must be the name of a key"},
		{"unknown cloud", append(good, "environment", "AzureStackCloud"), "environment: must be AzurePublicCloud"},
		{"resource that is a URL", append(good, "resource", "https://vault.azure.net"), "resource: must be the domain of the vaults"},
		{"tenant with a slash", append(good, "tenant_id", "a/b"), "tenant_id: must be the ID or the domain of a tenant"},
		{"client in a relative file", append(good, "client_id", "file://id"), "client_id: must be the ID of an application"},
		{"secret alone", append(good, "client_secret", "hush"), "k.hcl:5: keyring azurekeyvault.eu: client_secret: needs tenant_id and client_id beside it"},
		{"secret without tenant", append(good, "client_secret", "hush", "client_id", "b7a3"), "client_secret: needs tenant_id and client_id"},
		{"secret in a relative file", append(good, "client_secret", "file://secret", "client_id", "b7a3", "tenant_id", "72f9"), "client_secret: needs an absolute path"},
		{"not a boolean", append(good, "key_not_required", "yes"), "key_not_required: must be true or false"},
		{"misspelt", append(good, "tenantid", "72f9"), "tenantid: unknown setting"},
		{"empty", append(good, "tenant_id", ""), "tenant_id: is empty; leave it out"},
	})
}

func TestNewRefusesTheSame(t *testing.T) {
	withoutVariables(t)
	_, err := New(Config{VaultName: "p", KeyName: "a/b", ClientSecret: secretIs("8Q~x")})
	for _, want := range []string{"azurekeyvault: vault_name: must be", "azurekeyvault: key_name: must be", "azurekeyvault: client_secret: needs"} {
		wantText(t, "New", err, want)
	}
}

func TestWhatGoesWrongBeforeARequest(t *testing.T) {
	for _, c := range []struct {
		name   string
		secret func() ([]byte, error)
		want   string
	}{
		{"secret cannot be read", func() ([]byte, error) { return nil, errors.New("gone") }, "azurekeyvault: read the client secret: gone"},
		{"empty secret", secretIs(" \n"), "the client secret is empty"},
		{"secret of two lines", secretIs("8Q~a\n8Q~b"), "characters that none has"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newTestWrapper(t, Config{TenantID: "72f9", ClientID: "b7a3", ClientSecret: c.secret, VaultName: "prod", KeyName: "app"})
			err := w.Check(t.Context())
			wantText(t, "Check", err, c.want)
			if class, _ := w.Classify(err); class != wrappers.Ask || strings.Contains(err.Error(), "8Q~") {
				t.Errorf("class: got %v, want ask: %v", class, err)
			}
			if _, again := w.Encrypt(t.Context(), []byte("root")); again == nil || again.Error() != err.Error() {
				t.Errorf("Encrypt: got %v, want what Check said", again)
			}
		})
	}
	w := newTestWrapper(t, Config{TenantID: "file:///nowhere/tenant", ClientID: "b7a3", ClientSecret: secretIs("8Q~a"), VaultName: "prod", KeyName: "app"})
	wantText(t, "a tenant in a file that is not there", w.Check(t.Context()), "/nowhere/tenant")
}

func TestUsedAfterClose(t *testing.T) {
	w := newTestWrapper(t, app())
	for range 2 {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.Encrypt(t.Context(), []byte("root"))
	wantText(t, "Encrypt", err, "used after Close")
	if _, err := w.SetConfig(t.Context()); err == nil {
		t.Error("SetConfig: got no error")
	}
}

func TestNothingPrintsTheSecret(t *testing.T) {
	w := newTestWrapper(t, Config{TenantID: "72f9", ClientID: "b7a3", ClientSecret: secretIs("8Q~secret"), VaultName: "prod", KeyName: "app"})
	if err := w.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		for _, v := range []any{w, w.conn, []any{w}, struct{ c *conn }{w.conn}} {
			if out := fmt.Sprintf(verb, v); strings.Contains(out, "8Q~secret") || strings.Contains(out, fmt.Sprintf("%x", "8Q~secret")) {
				t.Errorf("%s of %T shows the secret", verb, v)
			}
		}
	}
}
