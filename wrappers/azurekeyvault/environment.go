package azurekeyvault

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
)

// The driver makes its credentials with a library that reads variables which no option undoes. Each that would say
// something else than the config is refused.
//
//   - AZURE_AUTHORITY_HOST is the server that gets the client secret, and the only way to tell the library of another
//     cloud's.
//   - AZURE_REGIONAL_AUTHORITY_NAME and MSAL_FORCE_REGION are put in front of that server's name as they are, slashes too.
//   - Without a client secret the library tries what it finds in the environment first: another tenant's application, or
//     one that disallow_env_vars was to keep out.

// checkLogin calls refuse for each setting that the environment would override.
func (c *Config) checkLogin(refuse func(setting, reason string)) {
	if want, got := c.cloud().login, loginServer(); want != "" && got != want {
		refuse("environment", fmt.Sprintf("the login server would be %s, which the variable AZURE_AUTHORITY_HOST decides alone: %s", got, mendLogin(want)))
	}
	if i := slices.IndexFunc(regions, isSet); i >= 0 {
		refuse("environment", fmt.Sprintf("the variable %s would send the login to another server: unset it", regions[i]))
	}
	if c.hasSecret() {
		if c.TenantID == "" || c.ClientID == "" {
			refuse("client_secret", "needs tenant_id and client_id beside it")
		}
		return
	}
	if i := slices.IndexFunc(strays, isSet); i >= 0 && c.DisallowEnvVars {
		refuse("disallow_env_vars", fmt.Sprintf("the variable %s would be used all the same: unset it, or set client_secret", strays[i]))
	}
	if tenant := os.Getenv("AZURE_TENANT_ID"); c.TenantID != "" && tenant != "" && tenant != c.TenantID {
		refuse("tenant_id", "the variable AZURE_TENANT_ID would replace it, as there is no client_secret: unset it")
	}
}

// regions are the variables that make the library log in at a server of a region's.
var regions = []string{"AZURE_REGIONAL_AUTHORITY_NAME", "MSAL_FORCE_REGION"}

// strays are the variables that make the library log in as an application.
var strays = []string{"AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_PASSWORD"}

func isSet(variable string) bool { return os.Getenv(variable) != "" }

// loginServer returns where the library logs in.
func loginServer() string {
	return strings.ToLower(strings.TrimRight(cmp.Or(os.Getenv("AZURE_AUTHORITY_HOST"), publicCloud.login), "/"))
}

func mendLogin(want string) string {
	if want == publicCloud.login {
		return "unset it"
	}
	return "set it to " + want
}

// hasSecret reports whether the identity is an application with a secret, and not one of the machine.
func (c *Config) hasSecret() bool {
	return c.ClientSecret != nil || c.variable("AZURE_CLIENT_SECRET") != "" && c.TenantID != "" && c.ClientID != ""
}
