package vaultcore_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/internal/e2e/vaultcore"
)

// wantFindings wants an exit code, no token, and lines like "transit.eu tls ok certificate of …".
func wantFindings(t *testing.T, cmd *exec.Cmd, code int, lines ...string) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	wantOutput(t, out, err, code)
	kektest.WantLines(t, string(out), lines...)
}

// TestDoctor examines a whole Vault, with its policies, over TLS.
func TestDoctor(t *testing.T) {
	s := newSite(t)
	s.Policy(t, "sealwax-doctor", documented(t, "vault policy write sealwax-doctor -"))
	both := []string{"sealwax", "sealwax-doctor"}
	s.use(t, s.Token(t, "sealwax", map[string]any{"policies": both, "period": "72h", "display_name": "web"}))
	keyring := newCommand(t, s)
	if out, err := keyring("init").CombinedOutput(); err != nil {
		t.Fatalf("init: %v: %s", err, out)
	}

	wantFindings(t, keyring("doctor"), 0,
		"transit.eu dns ok localhost is ",
		"transit.eu tls warning certificate of localhost, good for 23 hours", // as the authority of these tests makes them
		"transit.eu credentials ok token-web (policies default, sealwax, sealwax-doctor), from ",
		"transit.eu clock ok agrees with the provider's to 1s",
		"transit.eu key-state ok enabled (aes256-gcm96, ",
		"transit.eu rotation note off, newest version 1",
		"transit.eu right ok read auth/token/lookup-self allowed",
		"transit.eu right ok read transit/keys/sealwax allowed",
		"transit.eu right ok update transit/encrypt/sealwax allowed",
		"transit.eu right ok update transit/decrypt/sealwax allowed",
		"transit.eu right ok update auth/token/renew-self allowed",
		"transit.eu encrypt ok allowed", "transit.eu decrypt ok allowed", "transit.eu stanza ok opens the keystore, in ",
		"keystore opens ok by transit.eu", "transit.eu loss warning without it, nothing opens the keystore")

	t.Run("credentials about to end", func(t *testing.T) {
		s.use(t, s.Token(t, "sealwax", map[string]any{"policies": both, "ttl": "3h", "renewable": false}))
		wantFindings(t, keyring("doctor"), 0, "transit.eu credentials warning ", " effect: after that the provider refuses every call")
	})
	t.Run("a policy without what a doctor asks", func(t *testing.T) {
		s.reload(t)
		wantFindings(t, keyring("doctor"), 0,
			"transit.eu right note read transit/keys/sealwax not allowed",
			` next: renew the token if it has expired, and allow it to do this: path "transit/keys/sealwax" { capabilities = ["read"] }`,
			"transit.eu encrypt ok allowed")
	})
	t.Run("rotated, then the old version forbidden", func(t *testing.T) {
		s.Write(t, "transit/keys/sealwax/rotate", nil)
		doctor := keyring("doctor")
		wantFindings(t, doctor, 0, "transit.eu version note made under version 1, and the newest is 2",
			" next: keyring --config "+filepath.Join(doctor.Dir, "keyring.hcl")+" rewrap")
		s.Write(t, "transit/keys/sealwax/config", map[string]any{"min_decryption_version": 2})
		wantFindings(t, keyring("doctor"), 4, "transit.eu encrypt ok allowed", "transit.eu stanza problem does not open the keystore",
			" next: allow the version again, then run keyring rewrap: vault write transit/keys/sealwax/config min_decryption_version=1")
		s.Write(t, "transit/keys/sealwax/config", map[string]any{"min_decryption_version": 1})
	})
	t.Run("revoked", func(t *testing.T) {
		s.Revoke(t, s.token)
		wantFindings(t, keyring("doctor"), 4, "transit.eu decrypt problem does not unwrap", " next: renew the token if it has expired")
		s.reload(t)
	})
	t.Run("untrusted", func(t *testing.T) {
		other, err := os.ReadFile(vaultcore.Start(t).Authority)
		if err != nil {
			t.Fatal(err)
		}
		kektest.WriteFile(t, s.Authority, string(other))
		wantFindings(t, keyring("doctor"), 4, "transit.eu tls problem certificate of localhost by sealwax test authority is not trusted",
			" next: set tls_ca_cert to the authority that signed Vault's certificate")
	})
}
