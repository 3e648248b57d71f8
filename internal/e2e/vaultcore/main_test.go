package vaultcore_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
)

var keyringBinary string // the command, built as operators build it

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "vaultcore-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if keyringBinary, err = kektest.BuildKeyring(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}
