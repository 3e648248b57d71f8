package transit

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// writeConfig writes a config with these keyring blocks into a folder of its own, where everything else will be too.
func writeConfig(t *testing.T, blocks string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keyring.hcl")
	config := `
cluster {
  id     = "prod"
  region = "emea"
}

keystore {
  path  = "keystore.jsonl"
  state = "state"
}

` + blocks
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
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
	if out, err := exec.Command(keyringBinary, "--config", file, "init").CombinedOutput(); err != nil {
		t.Fatalf("init: %v: %s", err, out)
	}
	return file
}
