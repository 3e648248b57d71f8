// Package awskms tests the provider, rings over it and the command against two engines: local-kms, an emulator that others
// wrote, and awsserver, our own, which checks signatures and has the states, accounts and troubles that local-kms lacks.
// That awsserver is not just what its author took KMS to be, a second official client shows: the JavaScript SDK.
//
// With E2E_REQUIRE=1 a test fails where it would else be skipped for want of node, npm's packages or the aws command.
package awskms

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Built from source, as this module's go.mod pins it.
var keyringBinary, localKMSBinary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "keyring-e2e-aws-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	forget()
	// There is no metadata service, no developer's account, and nothing of the machine's.
	os.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	os.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "config"))
	os.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "credentials"))

	keyringBinary, localKMSBinary = filepath.Join(dir, "keyring"), filepath.Join(dir, "local-kms")
	if err := build(filepath.Join("..", "..", ".."), keyringBinary, "./cmd/keyring"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := build("..", localKMSBinary, "github.com/nsmithuk/local-kms"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
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

func build(dir, binary, what string) error {
	cmd := exec.Command("go", "build", "-o", binary, what)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build %s: %w", what, err)
	}
	return nil
}

// missing skips the test, or fails it where everything is to be there.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("E2E_REQUIRE") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}
