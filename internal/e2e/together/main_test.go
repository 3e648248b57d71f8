// Package together tests rings whose KEKs are at several providers at once: AWS KMS, Cloud KMS, Key Vault and a Vault, in
// servers of this module that this process talks to as it would to the real ones.
package together

import (
	"fmt"
	"os"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/tlsproxy"
)

// proxy brings the names of the clouds to the servers.
var proxy *tlsproxy.Proxy

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "together-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if proxy, err = tlsproxy.Start(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer proxy.Close()
	os.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	return m.Run()
}
