package vaultcore_test

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
)

// The command, built and configured as operators do it.
func TestCommand(t *testing.T) {
	s := newSite(t)
	run := newCommand(t, s)
	for _, command := range []string{"init", "status", "verify", "rotate", "rewrap"} {
		if out, err := run(command).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", command, err, out)
		}
	}
	s.Write(t, "transit/keys/sealwax/rotate", nil)
	s.Revoke(t, s.token)
	out, err := run("rewrap").CombinedOutput()
	wantOutput(t, out, err, 4, "transit.eu", "permission denied", "renew the token if it has expired")
	s.reload(t)
	if out, err := run("rewrap").CombinedOutput(); err != nil {
		t.Errorf("rewrap with the next token: %v: %s", err, out)
	}
	s.Seal(t)
	out, err = run("verify").CombinedOutput()
	wantOutput(t, out, err, 4, "transit.eu", "unseal the Vault")
}

// newCommand returns what makes commands for a config that names the site's key, in a folder of its own.
func newCommand(t *testing.T, s *site) func(args ...string) *exec.Cmd {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "keyring.hcl")
	kektest.WriteFile(t, config, kektest.Head+`
keyring "transit" {
  name        = "eu"
  address     = "`+s.URL+`"
  token       = "file://`+s.file+`"
  tls_ca_cert = "`+s.Authority+`"
  mount_path  = "transit/"
  key_name    = "sealwax"
}
`)
	return func(args ...string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), keyringBinary, append([]string{"--config", config}, args...)...)
		cmd.Dir = dir
		return cmd
	}
}

// wantOutput wants an exit code, these texts, and no token.
func wantOutput(t *testing.T, out []byte, err error, code int, texts ...string) {
	t.Helper()
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got, err = exit.ExitCode(), nil
	}
	if err != nil || got != code {
		t.Errorf("got exit code %d, %v; want %d", got, err, code)
	}
	for _, text := range texts {
		if !strings.Contains(string(out), text) {
			t.Errorf("got %q, want %q in it", out, text)
		}
	}
	if strings.Contains(string(out), "hvs.") {
		t.Error("a token is in the output")
	}
}
