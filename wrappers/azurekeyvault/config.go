package azurekeyvault

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// Config says which key of which vault. VaultName and KeyName are required; the zero value of any other field leaves it
// to Azure's environment variables, or to what Azure's own tools take.
type Config struct {
	TenantID string // AZURE_TENANT_ID; may be file:// and a path, or env:// and a variable
	ClientID string // AZURE_CLIENT_ID; likewise

	// ClientSecret returns the secret of the application: called at the first use, and again when it is refused. The
	// slice is cleared after use. Nil stands for AZURE_CLIENT_SECRET; without that one too the identity is that of the
	// workload, the machine, or whoever ran `az login`.
	ClientSecret func() ([]byte, error)

	Environment string // AZURE_ENVIRONMENT, or AzurePublicCloud
	Resource    string // AZURE_AD_RESOURCE, or the domain of that cloud's vaults: vault.azure.net
	VaultName   string
	KeyName     string

	DisallowEnvVars bool // leave none of this to the environment
}

// A cloud is one of Microsoft's, with where its identities log in and what the names of its vaults end in.
type cloud struct{ login, vaults string }

var publicCloud = cloud{"https://login.microsoftonline.com", "vault.azure.net"}

// clouds are those that the driver knows, without AZURESTACKCLOUD: what runs there is too old for the driver's client.
var clouds = map[string]cloud{
	"":                       publicCloud,
	"AZURECLOUD":             publicCloud,
	"AZUREPUBLICCLOUD":       publicCloud,
	"AZURECHINACLOUD":        {"https://login.chinacloudapi.cn", "vault.azure.cn"},
	"AZUREGERMANCLOUD":       {"https://login.microsoftonline.de", "vault.microsoftazure.de"},
	"AZUREUSGOVERNMENT":      {"https://login.microsoftonline.us", "vault.usgovcloudapi.net"},
	"AZUREUSGOVERNMENTCLOUD": {"https://login.microsoftonline.us", "vault.usgovcloudapi.net"},
}

func (c *Config) cloud() cloud { return clouds[strings.ToUpper(c.Environment)] }

var (
	// vaultName and keyName are what Key Vault accepts.
	vaultName = regexp.MustCompile(`^[A-Za-z](-?[A-Za-z0-9]){2,23}$`)
	keyName   = regexp.MustCompile(`^[A-Za-z0-9-]{1,127}$`)
	// identity is a GUID or a domain, or where the driver reads one.
	identity = regexp.MustCompile(`^([A-Za-z0-9.-]{1,253}|file:///.+|env://\w+)$`)
	domain   = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+$`)
)

// complete returns c with what it leaves to the environment. It is read once: the driver sets AZURE_CLIENT_ID to something
// else for a moment, whenever it makes a client for a machine's identity.
func (c Config) complete() Config {
	c.TenantID = cmp.Or(c.TenantID, c.variable("AZURE_TENANT_ID"))
	c.ClientID = cmp.Or(c.ClientID, c.variable("AZURE_CLIENT_ID"))
	c.VaultName = strings.ToLower(c.VaultName) // as Key Vault spells it in key IDs
	c.Environment = cmp.Or(c.Environment, c.variable("AZURE_ENVIRONMENT"))
	c.Resource = cmp.Or(c.Resource, c.variable("AZURE_AD_RESOURCE"), c.cloud().vaults)
	return c
}

// variable returns the value of an environment variable that the config leaves things to.
func (c *Config) variable(name string) string {
	if c.DisallowEnvVars {
		return ""
	}
	return os.Getenv(name)
}

// validate names fields as a config file does; Configure has the lines.
func (c *Config) validate() error {
	var errs []error
	c.check(func(setting, reason string) {
		errs = append(errs, fmt.Errorf("azurekeyvault: %s: %s", setting, reason))
	})
	return errors.Join(errs...)
}

// check calls refuse for each setting that cannot be right.
func (c *Config) check(refuse func(setting, reason string)) {
	if _, known := clouds[strings.ToUpper(c.Environment)]; !known {
		refuse("environment", "must be AzurePublicCloud, AzureChinaCloud, AzureGermanCloud or AzureUSGovernmentCloud")
	}
	if c.Resource != "" && !domain.MatchString(c.Resource) {
		refuse("resource", "must be the domain of the vaults, as in vault.azure.net")
	}
	if !vaultName.MatchString(c.VaultName) {
		refuse("vault_name", "must be the name of a vault, without its domain: 3 to 24 letters, digits, and single hyphens between them")
	}
	if !keyName.MatchString(c.KeyName) {
		refuse("key_name", "must be the name of a key: 1 to 127 letters, digits and hyphens")
	}
	if c.TenantID != "" && !identity.MatchString(c.TenantID) {
		refuse("tenant_id", "must be the ID or the domain of a tenant, file:// and an absolute path, or env:// and a variable")
	}
	if c.ClientID != "" && !identity.MatchString(c.ClientID) {
		refuse("client_id", "must be the ID of an application or identity, file:// and an absolute path, or env:// and a variable")
	}
	c.checkLogin(refuse)
}

func (c *Config) host() string { return c.VaultName + "." + c.Resource }

func (c *Config) endpoint() string { return "https://" + c.host() }

// keyURL returns the key's ID without a version.
func (c *Config) keyURL() string { return c.endpoint() + "/keys/" + c.KeyName }
