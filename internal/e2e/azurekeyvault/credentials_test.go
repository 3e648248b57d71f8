package azurekeyvault

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/azureserver"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/azurekeyvault"
)

// configure returns a KEK and its settings as a config file would make them, for the key "app" of the vault "prod".
func configure(t *testing.T, settings ...any) (*wrappers.KEK, *wrappers.Settings) {
	t.Helper()
	items := []wrappers.Setting{set("vault_name", "prod"), set("key_name", "app")}
	for i := 0; i < len(settings); i += 2 {
		items = append(items, set(settings[i].(string), settings[i+1]))
	}
	s := wrappers.NewSettings("azurekeyvault", items)
	w, err := azurekeyvault.Configure(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return kektest.New(t, w), s
}

func set(name string, value any) wrappers.Setting {
	return wrappers.Setting{Name: name, Value: value, File: "keyring.hcl", Line: 1}
}

// A secret in a file is read when it is first needed, and again when it is refused.
func TestSecretFileIsReadAgainWhenItIsRefused(t *testing.T) {
	s := start(t)
	file := filepath.Join(t.TempDir(), "secret")
	k, _ := configure(t, "tenant_id", azureserver.Tenant, "client_id", azureserver.Client, "client_secret", "file://"+file)
	err := k.Check(t.Context())
	wantError(t, err, wrappers.Ask, "keyring.hcl:1: keyring azurekeyvault: client_secret", "no such file")
	kektest.WriteFile(t, file, secret+"\n")
	w := wrap(t, k)

	// Tokens live for an hour, so that at first nobody notices; here they end at once. The token is refused, a login with
	// the old secret too, and the file has no other. Azure's client sends what was refused twice.
	s.ExpireSecret(secret)
	wantCalls(t, s, "with the old secret in the file", calls{"unwrapkey": 2, "challenge": 1, "discovery": 2, "token": 1}, func() {
		_, err := k.Unwrap(t.Context(), w, kektest.AAD)
		wantError(t, err, wrappers.Ask, "login: login.microsoftonline.com answered 401 invalid_client (AADSTS7000222): The provided client secret keys for app '"+azureserver.Client+"' are expired.")
	})
	s.SetSecret(nextSecret)
	kektest.WriteFile(t, file, nextSecret+"\n")
	wantCalls(t, s, "with a new one", calls{"token": 2, "discovery": 2, "challenge": 1, "unwrapkey": 1}, func() { wantOpen(t, k, w) })
	wantCalls(t, s, "after that", calls{"unwrapkey": 1}, func() { wantOpen(t, k, w) })
}

func TestLoginsThatAreRefused(t *testing.T) {
	start(t)
	for _, c := range []struct {
		name   string
		change func(*azurekeyvault.Config)
		want   []string
	}{
		{"wrong secret", func(c *azurekeyvault.Config) {
			c.ClientSecret = func() ([]byte, error) { return []byte("8Q~wrong"), nil }
		},
			[]string{"401 invalid_client (AADSTS7000215): Invalid client secret provided.", "set client_secret to the secret's value, which is not its ID"}},
		{"wrong application", func(c *azurekeyvault.Config) { c.ClientID = "00000000-0000-4000-8000-000000000000" },
			[]string{"400 unauthorized_client (AADSTS700016)", "check client_id, and that tenant_id"}},
		{"wrong tenant", func(c *azurekeyvault.Config) { c.TenantID = "00000000-0000-4000-8000-000000000000" },
			[]string{"AADSTS90002", "Tenant '00000000-0000-4000-8000-000000000000' not found", "check tenant_id"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := config()
			c.change(&config)
			_, err := newKEK(t, config).Wrap(t.Context(), kektest.Root, kektest.AAD)
			wantError(t, err, wrappers.Ask, c.want...)
		})
	}
}

func TestConfigWinsOverTheEnvironment(t *testing.T) {
	for _, variable := range []string{
		"AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_AD_RESOURCE",
		"AZUREKEYVAULT_WRAPPER_VAULT_NAME", "VAULT_AZUREKEYVAULT_VAULT_NAME", "AZUREKEYVAULT_WRAPPER_KEY_NAME", "VAULT_AZUREKEYVAULT_KEY_NAME",
	} {
		t.Run(variable, func(t *testing.T) {
			start(t)
			t.Setenv(variable, "other")
			k, s := configure(t, "tenant_id", azureserver.Tenant, "client_id", azureserver.Client, "client_secret", secret, "resource", "vault.azure.net")
			wrap(t, k)
			if len(s.Warnings()) != 1 {
				t.Errorf("warnings: got %q, want one", s.Warnings())
			}
		})
	}
}

func TestEnvironmentFillsTheGaps(t *testing.T) {
	start(t)
	t.Setenv("AZURE_TENANT_ID", azureserver.Tenant)
	t.Setenv("AZURE_CLIENT_ID", azureserver.Client)
	t.Setenv("AZURE_CLIENT_SECRET", secret)
	k, s := configure(t)
	wrap(t, k)
	if len(s.Warnings()) != 0 {
		t.Errorf("warnings: got %q, want none", s.Warnings())
	}
}

// A pod's identity: AKS puts an assertion into a file and its name into a variable.
func TestWorkloadIdentity(t *testing.T) {
	s := start(t)
	file := filepath.Join(t.TempDir(), "assertion")
	kektest.WriteFile(t, file, "ey.assertion.x")
	s.SetAssertion("ey.assertion.x")
	t.Setenv("AZURE_TENANT_ID", azureserver.Tenant)
	t.Setenv("AZURE_CLIENT_ID", "another")
	t.Setenv("AZURE_FEDERATED_TOKEN_FILE", file)
	k, _ := configure(t, "client_id", azureserver.Client) // which wins over the variable
	wantOpen(t, k, wrap(t, k))
	if got := os.Getenv("AZURE_CLIENT_ID"); got != "another" {
		t.Errorf("AZURE_CLIENT_ID: got %q, which is what the driver needed", got)
	}
}

// A machine's identity, as App Service offers it. Virtual machines have theirs at an address that a test cannot be.
func TestManagedIdentity(t *testing.T) {
	s := start(t)
	asked := 0
	identity := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.Header.Get("X-IDENTITY-HEADER") != "header" || r.URL.Query().Get("client_id") != azureserver.Client || r.URL.Query().Get("resource") != "https://vault.azure.net" {
			t.Errorf("got %s with %v", r.URL, r.Header)
		}
		json.NewEncoder(w).Encode(map[string]any{"access_token": s.Token(), "expires_on": "4102444800", "resource": "https://vault.azure.net", "token_type": "Bearer"})
	}))
	defer identity.Close()
	t.Setenv("IDENTITY_ENDPOINT", identity.URL)
	t.Setenv("IDENTITY_HEADER", "header")
	k, _ := configure(t, "client_id", azureserver.Client)
	w := wrap(t, k)
	wantOpen(t, k, w)
	if asked != 1 {
		t.Errorf("the machine was asked for %d tokens, want 1", asked)
	}
}

// Nothing in the environment, and the address of a virtual machine's identities is refused by the proxy.
func TestNoIdentityAtAll(t *testing.T) {
	start(t)
	t.Setenv("PATH", t.TempDir()) // no az, no azd
	k, _ := configure(t)
	_, err := k.Wrap(t.Context(), kektest.Root, kektest.AAD)
	wantError(t, err, wrappers.Ask, ": login: 169.254.169.254 answered 403",
		"set tenant_id, client_id and client_secret, or give this machine or its workload an identity")
}
