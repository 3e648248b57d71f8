package vaultcore_test

import (
	"strings"
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers/transit"
	"github.com/sealwax/sealwax/wrappers/wrappertest"
)

// The same suite as against the engine alone, but here Vault itself denies, expires, rotates and deletes.
func TestConformance(t *testing.T) {
	s := newTeams(t)
	with := func(change func(*transit.Config)) func(*testing.T) wrapping.Wrapper {
		return func(t *testing.T) wrapping.Wrapper {
			c := s.config()
			change(&c)
			return newWrapper(t, c)
		}
	}
	wrappertest.Run(t, wrappertest.Harness{
		New:          with(func(*transit.Config) {}),
		WrongKey:     with(func(c *transit.Config) { c.KeyName = "other" }),
		WrongAccount: with(func(c *transit.Config) { c.MountPath = "team/" }),
		Untrusted:    with(func(c *transit.Config) { c.TLSCACert = "" }),
		Engine: &wrappertest.Engine{
			Calls:    func() int { return s.Front.Count("encrypt") + s.Front.Count("decrypt") },
			Silence:  func(*testing.T) { s.Front.Hang() },
			Deny:     func(t *testing.T) { s.Policy(t, "sealwax", `path "transit/*" { capabilities = ["deny"] }`) },
			Fail:     func(_ *testing.T, n int) { s.Front.Fail(n) },
			Throttle: func(_ *testing.T, n int) { s.Front.Throttle(n) }, // Vault's own quota is in TestRateLimitQuota
			Cut:      func(_ *testing.T, n int) { s.Front.Cut(n) },
			Rotate:   func(t *testing.T) { s.Write(t, "transit/keys/sealwax/rotate", nil) },
			Disable:  nil, // a Transit key cannot be disabled: see TestOldVersionForbidden for the versions that can
			Delete:   s.delete,
			Expire:   func(t *testing.T) { s.Revoke(t, s.token) },
			Reload:   func(t *testing.T) { s.reload(t) },
			Restore:  s.restore,
		},
		Secrets: []string{"hvs."}, // which every token begins with
		Says: map[string][]string{
			"other context":         {"Vault answered 400: cipher: message authentication failed", "was it wrapped by another Vault or namespace"},
			"other key ID":          {`the config names "transit/keys/sealwax"`, "set mount_path and key_name to the key that wrapped it"},
			"silent engine":         {"deadline exceeded", "check that a Vault answers at " + s.URL},
			"denied":                {"Vault answered 403: permission denied", `{ capabilities = ["update"] }`},
			"server error":          {"Vault answered 500", "the log of Vault"},
			"throttled":             {"Vault answered 429", "raise the rate limit quota"},
			"connection cut":        {"unexpected EOF", "check that a Vault answers at " + s.URL},
			"deletion pending":      {"Vault answered 40", "there is no transit/keys/sealwax"},
			"expired credentials":   {"Vault answered 403: permission denied", "renew the token if it has expired"},
			"untrusted certificate": {"certificate signed by unknown authority", "set tls_ca_cert"},
		},
	})
}

// teams is a site with another key and another mount, both of which the token may use, and a key that can be brought back.
type teams struct {
	*site
	policy string
	backup any // of the key, nil while it is there
}

func newTeams(t *testing.T) *teams {
	t.Helper()
	s := &teams{site: newSite(t)}
	s.Mount(t, "team")
	s.Write(t, "team/keys/sealwax", nil)
	s.Write(t, "transit/keys/other", nil)
	s.Write(t, "transit/keys/sealwax/config", map[string]any{"exportable": true, "allow_plaintext_backup": true, "deletion_allowed": true})
	documented := documented(t, "vault policy write sealwax -")
	s.policy = documented + strings.ReplaceAll(documented, "/sealwax", "/other") + strings.ReplaceAll(documented, `"transit/`, `"team/`)
	s.Policy(t, "sealwax", s.policy)
	return s
}

// delete deletes the key, which Vault does at once and for ever, having taken a backup.
func (s *teams) delete(t *testing.T) {
	t.Helper()
	s.backup = s.Read(t, "transit/backup/sealwax").Data["backup"]
	s.Delete(t, "transit/keys/sealwax")
}

func (s *teams) restore(t *testing.T) {
	t.Helper()
	s.Front.Restore()
	s.Policy(t, "sealwax", s.policy)
	s.reload(t)
	if s.backup != nil {
		s.Write(t, "transit/restore/sealwax", map[string]any{"backup": s.backup})
		s.backup = nil
	}
}
