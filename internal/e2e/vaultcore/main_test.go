package vaultcore_test

import (
	"os"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
)

var keyringBinary string // the command, built as operators build it

func TestMain(m *testing.M) { os.Exit(kektest.Main(m, prepare)) }

func prepare(dir string) (err error) {
	keyringBinary, err = kektest.BuildKeyring(dir)
	return err
}
