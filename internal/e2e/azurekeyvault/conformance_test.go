package azurekeyvault

import (
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/internal/e2e/azureserver"
	"github.com/sealwax/sealwax/internal/e2e/tlsproxy"
	"github.com/sealwax/sealwax/wrappers/azurekeyvault"
	"github.com/sealwax/sealwax/wrappers/wrappertest"
)

func TestConformance(t *testing.T) {
	s := start(t)
	a := &account{Server: s, filed: secret}
	with := func(change func(*azurekeyvault.Config)) func(*testing.T) wrapping.Wrapper {
		return func(t *testing.T) wrapping.Wrapper {
			c := config()
			c.ClientSecret = func() ([]byte, error) { return []byte(a.filed), nil }
			change(&c)
			return newWrapper(t, c)
		}
	}
	wrappertest.Run(t, wrappertest.Harness{
		New:          with(func(*azurekeyvault.Config) {}),
		WrongKey:     with(func(c *azurekeyvault.Config) { c.KeyName = "other" }),
		WrongAccount: with(func(c *azurekeyvault.Config) { c.VaultName = "stage" }),
		Untrusted: func(t *testing.T) wrapping.Wrapper {
			a.impostor(t)
			return newWrapper(t, config())
		},
		IgnoresContext: "an RSA key of Key Vault encrypts without associated data",
		Engine: &wrappertest.Engine{
			Calls:    func() int { return s.Count("wrapkey") + s.Count("unwrapkey") },
			Silence:  func(*testing.T) { s.Hang() },
			Deny:     func(t *testing.T) { s.Deny(t, "prod", "ForbiddenByRbac") },
			Fail:     func(_ *testing.T, n int) { s.Fail(n) },
			Throttle: func(_ *testing.T, n int) { s.Throttle(n) },
			Cut:      func(_ *testing.T, n int) { s.Cut(n) },
			Rotate:   func(t *testing.T) { s.Rotate(t, "prod", "app", 2048) },
			Disable:  func(t *testing.T) { s.Enable(t, "prod", "app", false) },
			Delete:   func(t *testing.T) { s.Delete(t, "prod", "app") },
			Expire:   func(*testing.T) { s.ExpireSecret(secret) },
			Reload:   a.reload,
			Restore:  a.restore,
		},
		Secrets: []string{secret, nextSecret, azureserver.Signature},
		Says: map[string][]string{
			"other key ID":          {`the config names "https://prod.vault.azure.net/keys/app"`, "set vault_name and key_name to the key that wrapped it"},
			"silent engine":         {"deadline exceeded", "check that https://prod.vault.azure.net and https://login.microsoftonline.com can be reached"},
			"denied":                {"wrapkey: Key Vault answered 403 Forbidden (ForbiddenByRbac): Caller is not authorized", `az role assignment create --role "Key Vault Crypto Service Encryption User" --assignee ` + azureserver.Client},
			"server error":          {"Key Vault answered 500 InternalServerError", "https://azure.status.microsoft"},
			"throttled":             {"Key Vault answered 429 Throttled", "start fewer processes at once"},
			"connection cut":        {"unexpected EOF", "check that https://prod.vault.azure.net"},
			"wrong account":         {"/keys/app", "vault_name and key_name"},
			"disabled key":          {"(KeyDisabled): Operation ", "not allowed on a disabled key", "az keyvault key set-attributes --id https://prod.vault.azure.net/keys/app"},
			"deletion pending":      {"Key Vault answered 404 KeyNotFound", "az keyvault key recover --vault-name prod --name app"},
			"expired credentials":   {"login: login.microsoftonline.com answered 401 invalid_client (AADSTS7000222)", "az ad app credential reset --id " + azureserver.Client},
			"untrusted certificate": {"certificate signed by unknown authority", "SSL_CERT_FILE"},
		},
	})
}

const nextSecret = "8Q~test-secret-of-an-application-2"

// account is a server with what its clients hold.
type account struct {
	*azureserver.Server
	filed string // the secret that wrappers find
}

func (a *account) reload(*testing.T) {
	a.SetSecret(nextSecret)
	a.filed = nextSecret
}

func (a *account) restore(t *testing.T) {
	t.Helper()
	a.Restore()
	a.Deny(t, "prod", "")
	a.Enable(t, "prod", "app", true)
	a.Recover(t, "prod", "app")
	a.SetSecret(secret)
	a.filed = secret
}

// impostor puts somebody in the vault's place until t ends, with a certificate for its name from an authority that nobody
// trusts.
func (a *account) impostor(t *testing.T) {
	t.Helper()
	stranger, err := tlsproxy.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	c, err := stranger.Certificate(azureserver.Hosts...)
	if err != nil {
		t.Fatal(err)
	}
	route(azureserver.Start(t, c).Address)
	t.Cleanup(func() { route(a.Address) })
}
