// Package azurekeyvault tests the provider of that name, through the unmodified driver and Azure's own libraries, against
// the server of package azureserver.
package azurekeyvault

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/tlsproxy"
)

var (
	keyringBinary string          // the command, built as operators build it
	proxy         *tlsproxy.Proxy // brings the names of Azure to a test's own server
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "azurekeyvault-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	keyringBinary = filepath.Join(dir, "keyring")
	build := exec.Command("go", "build", "-o", keyringBinary, "./cmd/keyring")
	build.Dir = filepath.Join("..", "..", "..") // the command is not of this module
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build ./cmd/keyring:", err)
		return 1
	}
	if proxy, err = tlsproxy.Start(dir); err != nil { // after the build, which needs a network of its own
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := proxy.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}
