package vaultcore_test

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// A keystore lives through a rotation of its KEK, and its ring through a Vault that is sealed.
func TestRing(t *testing.T) {
	s := newSite(t)
	store := keystore.NewFile(filepath.Join(t.TempDir(), "keystore.jsonl"))
	home := &keyring.Options{Cluster: "prod", Region: "emea", RefreshInterval: -1}
	place := keyring.Bind("variable", "emea", "default", "app/db")
	k := s.kek(t)
	ring, err := keyring.Create(t.Context(), store, []*wrappers.KEK{k}, home)
	if err != nil {
		t.Fatal(err)
	}
	defer ring.Close()
	msg, err := ring.Seal(nil, []byte("x"), place)
	if err != nil {
		t.Fatal(err)
	}

	s.Write(t, "transit/keys/sealwax/rotate", nil)
	if _, err := ring.Rewrap(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	s.Write(t, "transit/keys/sealwax/config", map[string]any{"min_decryption_version": 2})

	s.Seal(t)
	if _, err := ring.Rotate(t.Context()); err != nil {
		t.Errorf("Rotate while the Vault is sealed: %v", err)
	}
	_, err = keyring.Load(t.Context(), store, []*wrappers.KEK{k}, home)
	wantError(t, err, wrappers.Later, "unseal the Vault")
	s.Unseal(t)
	again, err := keyring.Load(t.Context(), store, []*wrappers.KEK{s.kek(t)}, home)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got, err := again.Open(nil, msg, place); err != nil || string(got) != "x" {
		t.Errorf("Open: got %q, %v", got, err)
	}
}

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

// newCommand returns the command for a config that names the site's key, in a folder of its own.
func newCommand(t *testing.T, s *site) func(args ...string) *exec.Cmd {
	t.Helper()
	dir := t.TempDir()
	binary, config := filepath.Join(dir, "keyring"), filepath.Join(dir, "keyring.hcl")
	build := exec.Command("go", "build", "-o", binary, "./cmd/keyring")
	build.Dir = filepath.Join("..", "..", "..") // the command is not of this module
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	writeFile(t, config, `
cluster {
  id     = "prod"
  region = "emea"
}

keystore {
  path  = "keystore.jsonl"
  state = "state"
}

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
		cmd := exec.CommandContext(t.Context(), binary, append([]string{"--config", config}, args...)...)
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
