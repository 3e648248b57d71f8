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
