package azurekeyvault

import (
	"strings"
	"testing"

	"github.com/Azure/go-autorest/autorest/azure"
)

// What this package knows of the clouds is what the driver knows.
func TestClouds(t *testing.T) {
	for name, got := range clouds {
		if name == "" {
			name = "AZUREPUBLICCLOUD"
		}
		want, err := azure.EnvironmentFromName(name)
		if err != nil {
			t.Fatal(err)
		}
		if got.vaults != want.KeyVaultDNSSuffix || got.login+"/" != want.ActiveDirectoryEndpoint {
			t.Errorf("%s: got %v, want %s and %s", name, got, want.ActiveDirectoryEndpoint, want.KeyVaultDNSSuffix)
		}
	}
}

func TestVariablesThatCannotBeStopped(t *testing.T) {
	secret := []any{"client_secret", "8Q~x", "tenant_id", "72f9", "client_id", "b7a3"}
	for _, c := range []struct {
		name            string
		variable, value string
		items           []any
		want            string // "": accepted
	}{
		{"another login server", "AZURE_AUTHORITY_HOST", "https://login.example.com", secret, "environment: the login server would be https://login.example.com, which the variable AZURE_AUTHORITY_HOST decides alone: unset it"},
		{"the same login server", "AZURE_AUTHORITY_HOST", "https://LOGIN.microsoftonline.com/", secret, ""},
		{"another cloud", "AZURE_CLIENT_ID", "", []any{"environment", "AzureChinaCloud"}, "set it to https://login.chinacloudapi.cn"},
		{"another cloud, and its login server", "AZURE_AUTHORITY_HOST", "https://login.chinacloudapi.cn/", []any{"environment", "AzureChinaCloud"}, ""},
		{"a region's login server", "AZURE_REGIONAL_AUTHORITY_NAME", "login.example.com/", secret, "environment: the variable AZURE_REGIONAL_AUTHORITY_NAME would send the login to another server: unset it"},
		{"a region's login server, for a machine", "MSAL_FORCE_REGION", "westeurope", nil, "environment: the variable MSAL_FORCE_REGION would send the login to another server: unset it"},
		{"a secret that was to be kept out", "AZURE_CLIENT_SECRET", "8Q~y", []any{"disallow_env_vars", true}, "disallow_env_vars: the variable AZURE_CLIENT_SECRET would be used all the same"},
		{"a certificate that was to be kept out", "AZURE_CLIENT_CERTIFICATE_PATH", "/etc/c.pem", []any{"disallow_env_vars", true}, "the variable AZURE_CLIENT_CERTIFICATE_PATH would be used"},
		{"nothing to keep out", "AZURE_CLIENT_SECRET", "8Q~y", append([]any{"disallow_env_vars", true}, secret...), ""},
		{"another tenant", "AZURE_TENANT_ID", "other", []any{"tenant_id", "72f9"}, "tenant_id: the variable AZURE_TENANT_ID would replace it"},
		{"the same tenant", "AZURE_TENANT_ID", "72f9", []any{"tenant_id", "72f9"}, ""},
		{"another tenant beside a secret", "AZURE_TENANT_ID", "other", secret, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			withoutVariables(t)
			t.Setenv(c.variable, c.value)
			_, err := Configure(t.Context(), settings(append([]any{"vault_name", "prod", "key_name", "app"}, c.items...)...))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestEnvironmentFillsTheGaps(t *testing.T) {
	withoutVariables(t)
	t.Setenv("AZURE_TENANT_ID", "72f9")
	t.Setenv("AZURE_CLIENT_ID", "b7a3")
	t.Setenv("AZURE_CLIENT_SECRET", "8Q~variable")
	t.Setenv("AZURE_AD_RESOURCE", "managedhsm.azure.net")
	w, err := New(app())
	if err != nil {
		t.Fatal(err)
	}
	secret, err := w.config.secret()
	tenant, client := w.config.TenantID, w.config.ClientID
	if err != nil || string(secret.Expose()) != "8Q~variable" || tenant != "72f9" || client != "b7a3" || w.key != "https://prod.managedhsm.azure.net/keys/app" {
		t.Errorf("got %q, %q, %d bytes of a secret, %s, %v", tenant, client, secret.Len(), w.key, err)
	}

	for _, name := range strays {
		t.Setenv(name, "")
	}
	w, err = New(Config{VaultName: "prod", KeyName: "app", DisallowEnvVars: true})
	if err != nil {
		t.Fatal(err)
	}
	if tenant, client = w.config.TenantID, w.config.ClientID; tenant != "" || client != "" || w.key != appURL {
		t.Errorf("with disallow_env_vars: got %q, %q, %s", tenant, client, w.key)
	}
}

func TestWarnings(t *testing.T) {
	withoutVariables(t)
	all := map[string][]string{
		"tenant_id": {"AZURE_TENANT_ID"}, "client_id": {"AZURE_CLIENT_ID"}, "client_secret": {"AZURE_CLIENT_SECRET"},
		"environment": {"AZURE_ENVIRONMENT"}, "resource": {"AZURE_AD_RESOURCE"},
		"vault_name": {"AZUREKEYVAULT_WRAPPER_VAULT_NAME", "VAULT_AZUREKEYVAULT_VAULT_NAME"},
		"key_name":   {"AZUREKEYVAULT_WRAPPER_KEY_NAME", "VAULT_AZUREKEYVAULT_KEY_NAME"},
	}
	n := 0
	for _, variables := range all {
		for _, v := range variables {
			t.Setenv(v, "other")
			n++
		}
	}
	s := settings("tenant_id", "72f9", "client_id", "b7a3", "client_secret", "8Q~x", "environment", "AzurePublicCloud", "resource", "vault.azure.net", "vault_name", "prod", "key_name", "app")
	w, err := Configure(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if c := w.(*Wrapper).config; c.TenantID != "72f9" || c.ClientID != "b7a3" || c.keyURL() != appURL {
		t.Errorf("the environment won: got %q, %q, %q", c.TenantID, c.ClientID, c.keyURL())
	}
	text := strings.Join(s.Warnings(), "\n")
	for setting, variables := range all {
		for _, v := range variables {
			if !strings.Contains(text, setting+": the environment variable "+v+" says something else and is ignored") {
				t.Errorf("no warning about %s", v)
			}
		}
	}
	if len(s.Warnings()) != n || strings.Contains(text, "8Q~x") {
		t.Errorf("got %d warnings, want %d: %s", len(s.Warnings()), n, text)
	}
}
