package azurekeyvault

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/azureserver"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
)

// block returns a block "eu" of a config file for the key "app" of the vault "prod", whose secret is in the file "secret".
func block(more ...string) string { return blockOf("prod", "app", more...) }

func blockOf(vault, key string, more ...string) string {
	return fmt.Sprintf(`
keyring "azurekeyvault" {
  name          = "eu"
  tenant_id     = %q
  client_id     = %q
  client_secret = "file://SECRET"
  vault_name    = %q
  key_name      = %q
  %s
}
`, azureserver.Tenant, azureserver.Client, vault, key, strings.Join(more, "\n  "))
}

// newDir returns a folder with a config of these blocks and the client secret, where everything else will be too.
func newDir(t *testing.T, blocks ...string) string {
	t.Helper()
	dir := t.TempDir()
	kektest.WriteFile(t, filepath.Join(dir, "secret"), secret+"\n")
	writeConfig(t, dir, "", blocks...)
	return dir
}

// writeConfig writes a config that pins an identity, or none.
func writeConfig(t *testing.T, dir, pin string, blocks ...string) {
	t.Helper()
	config := kektest.Head
	if pin != "" {
		config = strings.Replace(config, "keystore {", fmt.Sprintf("keystore {\n  identity = %q", pin), 1)
	}
	blocksText := strings.ReplaceAll(strings.Join(blocks, ""), "SECRET", filepath.Join(dir, "secret"))
	kektest.WriteFile(t, filepath.Join(dir, "keyring.hcl"), config+blocksText)
}

// keyring runs the command in dir, wants this exit code, and returns what it printed, in which there is no secret.
func keyring(t *testing.T, dir string, code int, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), keyringBinary, append([]string{"--config", "keyring.hcl"}, args...)...)
	cmd.Dir, cmd.Env, cmd.Stdin = dir, proxy.Environ(nil), strings.NewReader("s3cret")
	return kektest.Run(t, cmd, code, secret, azureserver.Signature)
}

// wantOutput wants the command to succeed and to print all these texts.
func wantOutput(t *testing.T, dir string, args []string, texts ...string) {
	t.Helper()
	wantTexts(t, keyring(t, dir, 0, args...), texts...)
}

func wantTexts(t *testing.T, out string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(out, text) {
			t.Errorf("got %s\nwant %q in it", out, text)
		}
	}
}

// pinOf returns the identity that init wrote into the config.
func pinOf(t *testing.T, dir string) string {
	t.Helper()
	config, err := os.ReadFile(filepath.Join(dir, "keyring.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(config), `identity = "`)
	pin, _, ended := strings.Cut(rest, `"`)
	if !found || !ended || !strings.HasPrefix(pin, "ed25519:") {
		t.Fatalf("the config pins nothing: %s", config)
	}
	return pin
}

func TestCommand(t *testing.T) {
	s := start(t)
	dir := newDir(t, block())
	keyring(t, dir, 0, "init")
	keyring(t, dir, 0, "seal", "--path", "p", "--out", "sealed")
	open := []string{"open", "--path", "p", "--in", "sealed"}
	wantCalls(t, s, "a start", calls{"challenge": 1, "discovery": 2, "token": 1, "unwrapkey": 1}, func() { wantOutput(t, dir, open, "s3cret") })

	first := statusVersion(t, dir)
	second := s.Rotate(t, "prod", "app", 3072)
	wantOutput(t, dir, open, "s3cret")
	if got := statusVersion(t, dir); got != first {
		t.Errorf("version before rewrap: got %s, want %s", got, first)
	}
	keyring(t, dir, 0, "rewrap")
	if got := statusVersion(t, dir); got != second {
		t.Errorf("version after rewrap: got %s, want %s", got, second)
	}
	wantOutput(t, dir, open, "s3cret")
	wantOutput(t, dir, []string{"verify", "--json"}, `"id":"azurekeyvault.eu"`, `"ok":true`)
}

// statusVersion returns the version of the key that status shows.
func statusVersion(t *testing.T, dir string) string {
	t.Helper()
	out := keyring(t, dir, 0, "status", "--json")
	_, rest, found := strings.Cut(out, `"key_id":"https://prod.vault.azure.net/keys/app","key_version":"`)
	version, _, _ := strings.Cut(rest, `"`)
	if !found || len(version) != 32 {
		t.Fatalf("status shows no version: %s", out)
	}
	wantOutput(t, dir, []string{"status"}, "https://prod.vault.azure.net/keys/app version "+version)
	return version
}

func TestMoveThereAndBack(t *testing.T) {
	start(t)
	dir := newDir(t)
	if err := exec.Command(keyringBinary, "init", "--dev", dir+"/dev").Run(); err != nil {
		t.Fatal(err)
	}
	key := fmt.Sprintf("\nkeyring \"aead\" {\n  name     = \"local\"\n  key_file = \"%s/dev/kek.key\"\n}\n", dir)
	open := []string{"open", "--path", "p", "--in", "sealed"}
	writeConfig(t, dir, "", key)
	keyring(t, dir, 0, "init")
	pin := pinOf(t, dir)
	keyring(t, dir, 0, "seal", "--path", "p", "--out", "sealed")
	for _, step := range []struct {
		blocks []string
		want   string
	}{
		{[]string{key, block()}, `"wrapped":["aead.local","azurekeyvault.eu"],"owed":[],"dropped":[]`},
		{[]string{block()}, `"dropped":["aead.local"]`},
		{[]string{block(), key}, `"wrapped":["azurekeyvault.eu","aead.local"]`},
		{[]string{key}, `"dropped":["azurekeyvault.eu"]`},
	} {
		writeConfig(t, dir, pin, step.blocks...)
		wantOutput(t, dir, []string{"rewrap", "--json"}, step.want)
		wantOutput(t, dir, open, "s3cret")
	}
}

// Whoever has the public key can wrap under it, so a keystore without a pin is not believed.
func TestMissingPinIsRefused(t *testing.T) {
	start(t)
	dir := newDir(t, block())
	keyring(t, dir, 0, "init")
	keyring(t, dir, 0, "seal", "--path", "p", "--out", "sealed")
	pin := pinOf(t, dir)
	writeConfig(t, dir, "", block())
	out := keyring(t, dir, 2, "open", "--path", "p", "--in", "sealed")
	wantTexts(t, out, "identity must be pinned: anybody can encrypt under azurekeyvault.eu, so it only opens a keystore whose identity is pinned; this one's is "+pin)
	writeConfig(t, dir, pin, block())
	wantOutput(t, dir, []string{"open", "--path", "p", "--in", "sealed"}, "s3cret")
}

func TestCommandInTrouble(t *testing.T) {
	s := start(t)
	dir := newDir(t, block())
	keyring(t, dir, 0, "init")
	keyring(t, dir, 0, "seal", "--path", "p", "--out", "sealed")
	pin := pinOf(t, dir)
	for _, c := range []struct {
		name    string
		disturb func()
		more    []string // in the block
		code    int
		want    []string
	}{
		{"denied", func() { s.Deny(t, "prod", "ForbiddenByRbac") }, nil, 4, []string{"unwrap with azurekeyvault.eu (key https://prod.vault.azure.net/keys/app): ", "403 Forbidden (ForbiddenByRbac)", "az role assignment create"}},
		{"expired secret", func() { s.ExpireSecret(secret) }, nil, 4, []string{"AADSTS7000222", "az ad app credential reset"}},
		{"key deleted", func() { s.Delete(t, "prod", "app") }, nil, 4, []string{"404 KeyNotFound", "az keyvault key recover --vault-name prod --name app"}},
		{"misspelt setting", func() {}, []string{`vaultname = "prod"`}, 2, []string{"keyring azurekeyvault.eu: vaultname: unknown setting"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer s.SetSecret(secret)
			defer mend(t, s)
			c.disturb()
			writeConfig(t, dir, pin, block(c.more...))
			wantTexts(t, keyring(t, dir, c.code, "open", "--path", "p", "--in", "sealed"), c.want...)
		})
	}
	writeConfig(t, dir, pin, blockOf("prod", "other"))
	wantTexts(t, keyring(t, dir, 3, "open", "--path", "p", "--in", "sealed"), `wrapped under "https://prod.vault.azure.net/keys/app/`, "set vault_name and key_name")
}
