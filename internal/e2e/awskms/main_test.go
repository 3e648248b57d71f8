// Package awskms tests the provider, rings over it and the command against two engines: local-kms, an emulator that others
// wrote, and awsserver, our own, which checks signatures and has the states, accounts and troubles that local-kms lacks.
// That awsserver is not just what its author took KMS to be, a second official client shows: the JavaScript SDK.
//
// With E2E_REQUIRE=1 a test fails where it would else be skipped for want of node, npm's packages or the aws command.
package awskms

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
)

// Built from source, as this module's go.mod pins it.
var keyringBinary, localKMSBinary string

func TestMain(m *testing.M) { os.Exit(kektest.Main(m, prepare)) }

func prepare(dir string) (err error) {
	forget()
	// There is no metadata service, no developer's account, and nothing of the machine's.
	os.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	os.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "config"))
	os.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "credentials"))
	if keyringBinary, err = kektest.BuildKeyring(dir); err != nil {
		return err
	}
	localKMSBinary, err = kektest.Build(dir, "..", "github.com/nsmithuk/local-kms")
	return err
}

// forget unsets what a machine may have set for its own use of AWS, and proxies.
func forget() {
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		upper := strings.ToUpper(name)
		if strings.HasPrefix(upper, "AWS") || strings.HasPrefix(upper, "VAULT_AWSKMS") || strings.HasSuffix(upper, "_PROXY") {
			os.Unsetenv(name)
		}
	}
}
