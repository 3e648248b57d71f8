package vaultcore_test

import (
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/vaultcore"
)

func TestEnvironment(t *testing.T) {
	s := newSite(t)
	w := wrap(t, s.kek(t))

	t.Run("fills the gaps", func(t *testing.T) {
		t.Setenv("VAULT_ADDR", s.URL)
		t.Setenv("VAULT_TOKEN", s.token)
		t.Setenv("VAULT_CACERT", s.Authority)
		c := s.config()
		c.Address, c.Token, c.TLSCACert = "", nil, ""
		wantOpen(t, newKEK(t, c), w)
	})
	t.Run("loses against the config", func(t *testing.T) {
		for name, value := range map[string]string{
			"VAULT_ADDR": "https://127.0.0.1:1", "VAULT_AGENT_ADDR": "https://127.0.0.1:1", "VAULT_TOKEN": "hvs.other",
			"VAULT_CACERT": vaultcore.Start(t).Authority, "VAULT_NAMESPACE": "other", "VAULT_WRAP_TTL": "60s", "VAULT_MAX_RETRIES": "9",
		} {
			t.Setenv(name, value)
		}
		k := s.kek(t)
		wantOpen(t, k, w)
		wantOpen(t, k, wrap(t, k))
	})
}
