// Package azurekeyvault tests the provider of that name, through the unmodified driver and Azure's own libraries, against
// the server of package azureserver, which Microsoft's JavaScript libraries and az are shown to accept too.
//
// With E2E_REQUIRE=1 a test fails where it would else be skipped for want of node, npm's packages, curl or jq.
package azurekeyvault

import (
	"os"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/internal/e2e/tlsproxy"
)

var (
	keyringBinary string          // the command, built as operators build it
	proxy         *tlsproxy.Proxy // brings the names of Azure to a test's own server
)

func TestMain(m *testing.M) { os.Exit(kektest.Main(m, prepare)) }

func prepare(dir string) (err error) {
	if keyringBinary, err = kektest.BuildKeyring(dir); err != nil {
		return err
	}
	if proxy, err = tlsproxy.Start(dir); err != nil { // after the build, which needs a network of its own
		return err
	}
	forget()
	return os.Setenv("HOME", dir) // where az's own credentials would be
}

// forget unsets what a machine may have set for its own use of Azure.
func forget() {
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		for _, prefix := range []string{"AZURE", "VAULT_AZURE", "IDENTITY_", "MSI_"} {
			if strings.HasPrefix(name, prefix) {
				os.Unsetenv(name)
			}
		}
	}
}
