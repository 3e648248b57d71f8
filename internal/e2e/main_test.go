package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// keyringBinary is the command, built as operators build it.
var keyringBinary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "keyring-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	keyringBinary = filepath.Join(dir, "keyring")
	build := exec.Command("go", "build", "-o", keyringBinary, "./cmd/keyring")
	build.Dir = filepath.Join("..", "..") // the command is not of this module
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build ./cmd/keyring:", err)
		return 1
	}
	return m.Run()
}

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
