// Package transit tests the provider of that name, rings over it and the command against the real thing behind them: Vault's
// own Transit engine, which counts its calls. The rest of a Vault, its policies and tokens, is in package vaultcore's tests.
package transit

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
