package transit

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
)

// writeConfig writes a config with these keyring blocks into a folder of its own, where everything else will be too.
func writeConfig(t *testing.T, blocks string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keyring.hcl")
	kektest.WriteFile(t, file, kektest.Head+blocks)
	return file
}

// newSite makes a keystore under the key of the Vault at that address and returns the config that names both.
func newSite(t *testing.T, address, token string) string {
	t.Helper()
	file := writeConfig(t, fmt.Sprintf(`
keyring "transit" {
  address    = %q
  token      = "file://%s"
  mount_path = "transit/"
  key_name   = "app"
}
`, address, newTokenFile(t, token)))
	kektest.Run(t, exec.Command(keyringBinary, "--config", file, "init"), 0)
	return file
}
