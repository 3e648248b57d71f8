package transit

import (
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/internal/e2e/vaultserver"
	"github.com/sealwax/sealwax/wrappers/transit"
	"github.com/sealwax/sealwax/wrappers/wrappertest"
)

func TestConformance(t *testing.T) {
	e := newEngine(t)
	with := func(change func(*transit.Config)) func(*testing.T) wrapping.Wrapper {
		return func(t *testing.T) wrapping.Wrapper {
			c := e.config()
			change(&c)
			return newWrapper(t, c)
		}
	}
	wrappertest.Run(t, wrappertest.Harness{
		New:       with(func(*transit.Config) {}),
		WrongKey:  with(func(c *transit.Config) { c.KeyName = "other" }),
		Untrusted: with(func(c *transit.Config) { c.TLSCACert = "" }),
		WrongAccount: func(t *testing.T) wrapping.Wrapper { // a Vault that has a key of the same name
			return newWrapper(t, config(start(t)))
		},
		Engine: &wrappertest.Engine{
			Calls:    func() int { return e.Count("encrypt") + e.Count("decrypt") },
			Silence:  func(*testing.T) { e.Hang() },
			Deny:     func(*testing.T) { e.Deny() },
			Fail:     func(_ *testing.T, n int) { e.Fail(n) },
			Throttle: func(_ *testing.T, n int) { e.Throttle(n) },
			Cut:      func(_ *testing.T, n int) { e.Cut(n) },
			Rotate:   func(t *testing.T) { e.Admin(t, "keys/app/rotate", nil) },
			Disable:  nil, // a Transit key cannot be disabled: see TestRotationAtVault for the versions that can
			Delete:   e.delete,
			Expire:   func(*testing.T) { e.SetToken(e.next) },
			Reload:   func(*testing.T) { e.filed = e.next },
			Restore:  e.restore,
		},
		Secrets: []string{e.first, e.next},
		Says: map[string][]string{
			"other context":         {"Vault answered 400: cipher: message authentication failed", "was it wrapped by another Vault or namespace"},
			"other key ID":          {`the config names "transit/keys/app"`, "set mount_path and key_name to the key that wrapped it"},
			"silent engine":         {"deadline exceeded", "check that a Vault answers at " + e.URL},
			"denied":                {"Vault answered 403: permission denied", `{ capabilities = ["update"] }`},
			"server error":          {"Vault answered 500: internal error", "the log of Vault"},
			"throttled":             {"Vault answered 429: rate limit quota exceeded", "raise the rate limit quota"},
			"connection cut":        {"unexpected EOF", "check that a Vault answers at " + e.URL},
			"wrong account":         {"Vault answered 400: cipher: message authentication failed", "another Vault"},
			"deletion pending":      {"Vault answered 40", "there is no transit/keys/app"},
			"expired credentials":   {"Vault answered 403: permission denied", "renew the token if it has expired"},
			"untrusted certificate": {"certificate signed by unknown authority", "set tls_ca_cert"},
		},
	})
}

// engine is a Vault whose key can be deleted and brought back, and whose token expires.
type engine struct {
	*vaultserver.Server
	authority string

	first, next string // the tokens
	filed       string // the one that wrappers find
	backup      any    // of the key, nil while it is there
}

func newEngine(t *testing.T) *engine {
	s, authority := vaultserver.StartTLS(t)
	s.Admin(t, "keys/app", map[string]any{"exportable": true, "allow_plaintext_backup": true})
	s.Admin(t, "keys/app/config", map[string]any{"deletion_allowed": true})
	s.Admin(t, "keys/other", nil)
	return &engine{Server: s, authority: authority, first: s.Token(), next: s.Token() + "-next", filed: s.Token()}
}

func (e *engine) config() transit.Config {
	c := config(e.Server)
	c.TLSCACert = e.authority
	c.Token = func() ([]byte, error) { return []byte(e.filed), nil }
	return c
}

// delete deletes the key, which Vault does at once and for ever, having taken a backup.
func (e *engine) delete(t *testing.T) {
	t.Helper()
	data, err := e.Read("backup/app")
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Delete("keys/app"); err != nil {
		t.Fatal(err)
	}
	e.backup = data["backup"]
}

func (e *engine) restore(t *testing.T) {
	t.Helper()
	e.Restore()
	e.SetToken(e.first)
	e.filed = e.first
	if e.backup != nil {
		e.Admin(t, "restore/app", map[string]any{"backup": e.backup})
		e.backup = nil
	}
}
