package transit

import (
	"net/url"
	"os"
	"strconv"
)

// The driver, and Vault's API client beneath it, read variables that a config cannot undo there. Those that the client
// can be told to forget afterwards are forgotten in newConn; these two are refused.
//
//   - VAULT_SKIP_VERIFY switches off the check of Vault's certificate. It is never obeyed: somebody who may set a variable
//     of the process, or a line left over from a test, must not decide who gets the token.
//   - VAULT_SRV_LOOKUP replaces the host of an address without a port by what DNS says.
//
// refusedVariable returns the setting that a refused variable would override and the reason, or two empty strings.
func refusedVariable(c *Config) (setting, reason string) {
	if isTrue("VAULT_SKIP_VERIFY") && !c.TLSSkipVerify {
		return "tls_skip_verify", "the environment variable VAULT_SKIP_VERIFY would switch off the check of Vault's certificate: unset it, or set tls_skip_verify = true in the config"
	}
	if isTrue("VAULT_SRV_LOOKUP") && c.Address != "" && !hasPort(c.Address) {
		return "address", "the environment variable VAULT_SRV_LOOKUP would replace the host: unset it, or give the address with its port"
	}
	return "", ""
}

func isTrue(variable string) bool {
	on, err := strconv.ParseBool(os.Getenv(variable))
	return err == nil && on
}

func hasPort(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Port() != ""
}
