package transit

import (
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/vaultserver"
)

// Each variable here would send the driver elsewhere, or nowhere. The block wins, and says so where it can be compared.
func TestConfigWinsOverTheEnvironment(t *testing.T) {
	for _, c := range []struct {
		variable, value string
		warning         string // the setting that the warning is about, "" for none
	}{
		{"VAULT_ADDR", "http://127.0.0.1:1", "address"},
		{"VAULT_AGENT_ADDR", "http://127.0.0.1:1", "address"},
		{"VAULT_TOKEN", "hvs.other", "token"},
		{"VAULT_NAMESPACE", "other", "namespace"},
		{"TRANSIT_WRAPPER_MOUNT_PATH", "other", "mount_path"},
		{"VAULT_TRANSIT_SEAL_MOUNT_PATH", "other", "mount_path"},
		{"TRANSIT_WRAPPER_KEY_NAME", "other", "key_name"},
		{"VAULT_TRANSIT_SEAL_KEY_NAME", "other", "key_name"},
		{"TRANSIT_WRAPPER_DISABLE_RENEWAL", "false", "disable_renewal"},
		{"VAULT_WRAP_TTL", "60s", ""},
		{"VAULT_MAX_RETRIES", "9", ""},
		{"VAULT_SKIP_VERIFY", "false", ""},
	} {
		t.Run(c.variable, func(t *testing.T) {
			s := start(t)
			t.Setenv(c.variable, c.value)
			k, settings := configure(t, set("address", s.URL), set("namespace", "team"), set("token", s.Token()),
				set("mount_path", "transit"), set("key_name", "app"), set("disable_renewal", true))
			wrap(t, k)
			if n := s.Count(""); n != 2 {
				t.Errorf("%d requests, want 2", n)
			}
			warnings := strings.Join(settings.Warnings(), "\n")
			if c.warning == "" && warnings != "" || !strings.Contains(warnings, c.warning) || strings.Contains(warnings, "hvs.") {
				t.Errorf("warnings: got %q, want one about %q", warnings, c.warning)
			}
		})
	}
}

func TestEnvironmentFillsTheGaps(t *testing.T) {
	s, authority := vaultserver.StartTLS(t)
	s.Admin(t, "keys/app", nil)
	t.Setenv("VAULT_ADDR", s.URL)
	t.Setenv("VAULT_TOKEN", s.Token())
	t.Setenv("VAULT_CACERT", authority)
	k, settings := configure(t, set("mount_path", "transit"), set("key_name", "app"))
	wrap(t, k)
	if w := settings.Warnings(); len(w) != 0 {
		t.Errorf("warnings: got %q, want none", w)
	}
}
