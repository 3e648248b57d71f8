// Package gcpckms tests the provider of that name, through the unmodified driver and Google's own libraries, against the Cloud
// KMS of package gcpserver, which Google's JavaScript library and gcloud are shown to accept too.
package gcpckms

import (
	"os"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/internal/e2e/tlsproxy"
)

var (
	keyringBinary string          // the command, built as operators build it
	proxy         *tlsproxy.Proxy // brings what is meant for Google to a server on loopback
)

func TestMain(m *testing.M) { os.Exit(kektest.Main(m, prepare)) }

func prepare(dir string) (err error) {
	if keyringBinary, err = kektest.BuildKeyring(dir); err != nil {
		return err
	}
	if proxy, err = tlsproxy.Start(dir); err != nil { // after the build, which may need the network
		return err
	}
	// The driver's variables, and Google's, are those of a test that sets them.
	for _, name := range []string{"GOOGLE_CREDENTIALS", "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_PROJECT", "GOOGLE_REGION"} {
		os.Unsetenv(name)
	}
	return os.Setenv("HOME", dir) // where gcloud's own credentials would be
}
