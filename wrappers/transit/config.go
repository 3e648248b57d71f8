package transit

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
)

// Config says which key of which Vault. MountPath and KeyName are required; the zero value of any other field leaves it
// to Vault's environment variables, or to what Vault's own tools take.
type Config struct {
	Address   string // VAULT_ADDR, or https://127.0.0.1:8200
	Namespace string // VAULT_NAMESPACE, or none
	MountPath string // of the Transit engine, with or without slashes around it
	KeyName   string

	// Token returns the token: called at the first use, and again when Vault refuses the one in use. The slice is
	// cleared after use. Nil stands for VAULT_TOKEN, or no token, which is right for a Vault Agent that adds its own.
	Token func() ([]byte, error)

	KeyIDPrefix    string // in front of the key ID that keystores show
	DisableRenewal bool

	TLSCACert     string // file
	TLSCAPath     string // folder
	TLSClientCert string // file; needs TLSClientKey
	TLSClientKey  string // file
	TLSServerName string
	TLSSkipVerify bool
}

var (
	// keyName is what Vault accepts (framework.GenericNameRegex), which also has no slash.
	keyName = regexp.MustCompile(`^\w([\w.-]*\w)?$`)
	// mountPath has segments that a URL holds as they are.
	mountPath = regexp.MustCompile(`^\w([\w.-]*\w)?(/\w([\w.-]*\w)?)*$`)
	// idPrefix is what a keystore can store and a report can show.
	idPrefix = regexp.MustCompile(`^[\w.:/@-]{0,64}$`)
)

// validate names fields as a config file does; Configure has the lines.
func (c *Config) validate() error {
	var errs []error
	c.check(func(setting, reason string) {
		errs = append(errs, fmt.Errorf("transit: %s: %s", setting, reason))
	})
	return errors.Join(errs...)
}

// check calls refuse for each setting that cannot be right.
func (c *Config) check(refuse func(setting, reason string)) {
	if !mountPath.MatchString(c.mount()) {
		refuse("mount_path", "must be the path of a Transit engine, as in transit/")
	}
	if !keyName.MatchString(c.KeyName) {
		refuse("key_name", "must be the name of a Transit key: letters, digits, and _ . - between them")
	}
	if !idPrefix.MatchString(c.KeyIDPrefix) {
		refuse("key_id_prefix", "must be at most 64 letters, digits and _ . : / @ -")
	}
	if c.Address != "" && !isAddress(c.Address) {
		refuse("address", "must be a URL, as in https://vault.example.com:8200")
	}
	if c.TLSClientCert != "" && c.TLSClientKey == "" {
		refuse("tls_client_key", "is missing beside tls_client_cert")
	}
	if c.TLSClientKey != "" && c.TLSClientCert == "" {
		refuse("tls_client_cert", "is missing beside tls_client_key")
	}
}

// isAddress reports whether Vault's client can open it. The client's own error would show a password that is in it.
func isAddress(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.Host != ""
	case "unix":
		return u.Host == "" && u.Path != ""
	}
	return false
}

// address returns where the Vault should be, without a password.
func (c *Config) address() string {
	a := cmp.Or(c.Address, os.Getenv("VAULT_AGENT_ADDR"), os.Getenv("VAULT_ADDR"), "https://127.0.0.1:8200")
	if u, err := url.Parse(a); err == nil {
		return u.Redacted()
	}
	return "its address"
}

func (c *Config) mount() string { return strings.Trim(c.MountPath, "/") }

func (c *Config) keyPath() string { return c.mount() + "/keys/" + c.KeyName }

func (c *Config) keyID() string { return c.KeyIDPrefix + c.keyPath() }

// path returns the API path of an operation: "transit/decrypt/NAME".
func (c *Config) path(op string) string { return c.mount() + "/" + op + "/" + c.KeyName }
