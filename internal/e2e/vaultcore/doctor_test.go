package vaultcore_test

import (
	"strings"
	"testing"
)

func TestDoctor(t *testing.T) {
	s := newSite(t)
	run := newCommand(t, s)
	if out, err := run("init").CombinedOutput(); err != nil {
		t.Fatalf("init: %v: %s", err, out)
	}
	wantDoctor := func(texts ...string) {
		t.Helper()
		out, err := run("doctor").CombinedOutput()
		if err != nil {
			t.Errorf("doctor: %v", err)
		}
		for _, text := range texts {
			if !strings.Contains(string(out), text) {
				t.Errorf("doctor: got\n%s\nwant %q in it", out, text)
			}
		}
		if strings.Contains(string(out), "hvs.") {
			t.Error("a token is in the output")
		}
	}
	wantDoctor("token (policies default, sealwax)", "the token file "+s.file,
		"read transit/keys/sealwax not allowed", `path "transit/keys/sealwax" { capabilities = ["read"] }`)

	s.Policy(t, "sealwax-doctor", documented(t, "vault policy write sealwax-doctor -"))
	s.use(t, s.Token(t, "sealwax", map[string]any{"policies": []string{"sealwax", "sealwax-doctor"}}))
	wantDoctor("enabled (aes256-gcm96, version 1 opens, must not be deleted)", "read transit/keys/sealwax allowed")

	s.Seal(t)
	out, err := run("doctor").CombinedOutput()
	wantOutput(t, out, err, 4, "transit.eu: unseal the Vault")
}
