// Package together tests rings whose KEKs are at several providers at once: AWS KMS, Cloud KMS, Key Vault and a Vault, in
// servers of this module that this process talks to as it would to the real ones.
package together

import (
	"os"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/internal/e2e/tlsproxy"
)

// proxy brings the names of the clouds to the servers.
var proxy *tlsproxy.Proxy

func TestMain(m *testing.M) { os.Exit(kektest.Main(m, prepare)) }

func prepare(dir string) (err error) {
	if proxy, err = tlsproxy.Start(dir); err != nil {
		return err
	}
	return os.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}
