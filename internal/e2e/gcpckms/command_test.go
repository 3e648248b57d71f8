package gcpckms

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/wrappers/gcpckms"
)

// newDir returns a folder with a config of these blocks, where everything else will be too.
func newDir(t *testing.T, blocks ...string) string {
	t.Helper()
	dir := t.TempDir()
	writeConfig(t, dir, kektest.Head, blocks)
	return dir
}

// setBlocks replaces the KEKs of the config in dir. What init wrote into it stays.
func setBlocks(t *testing.T, dir string, blocks ...string) {
	t.Helper()
	old, err := os.ReadFile(filepath.Join(dir, "keyring.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(old), "\nkeyring ")
	writeConfig(t, dir, head, blocks)
}

func writeConfig(t *testing.T, dir, head string, blocks []string) {
	t.Helper()
	kektest.WriteFile(t, filepath.Join(dir, "keyring.hcl"), head+strings.Join(blocks, ""))
}

// block returns the block of a config file that says the same as c.
func block(name string, c gcpckms.Config) string {
	return fmt.Sprintf(`
keyring "gcpckms" {
  name        = %q
  credentials = %q
  project     = %q
  region      = %q
  key_ring    = %q
  crypto_key  = %q
}
`, name, c.Credentials, c.Project, c.Region, c.KeyRing, c.CryptoKey)
}

// keyring runs the command in dir, wants this exit code, and returns what it printed.
func keyring(t *testing.T, dir string, code int, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), keyringBinary, append([]string{"--config", "keyring.hcl"}, args...)...)
	cmd.Dir, cmd.Env = dir, proxy.Environ(nil)
	return kektest.Run(t, cmd, code)
}
