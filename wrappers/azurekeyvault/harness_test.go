package azurekeyvault

import (
	"slices"
	"strings"
	"testing"
)

// The vault and its login are in internal/e2e. Here stands what needs neither.

const (
	version = "0123456789abcdef0123456789abcdef"
	appURL  = "https://prod.vault.azure.net/keys/app"
)

// withoutVariables unsets what a developer's machine may have set.
func withoutVariables(t *testing.T) {
	t.Helper()
	for _, name := range append([]string{
		"AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_ENVIRONMENT", "AZURE_AD_RESOURCE", "AZURE_AUTHORITY_HOST",
		"AZUREKEYVAULT_WRAPPER_VAULT_NAME", "VAULT_AZUREKEYVAULT_VAULT_NAME", "AZUREKEYVAULT_WRAPPER_KEY_NAME", "VAULT_AZUREKEYVAULT_KEY_NAME",
	}, slices.Concat(strays, regions)...) {
		t.Setenv(name, "")
	}
}

func app() Config { return Config{VaultName: "prod", KeyName: "app"} }

func newTestWrapper(t *testing.T, c Config) *Wrapper {
	t.Helper()
	withoutVariables(t)
	w, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func secretIs(text string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(text), nil }
}

func wantText(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want %q in it", what, err, want)
	}
}
