package vaultcore_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/handbook"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
)

// TestByHand runs the commands of docs/operations.md as they stand: with curl, and with vault where that is installed. Nobody
// but Vault is asked, and what comes out is the root that our own code unwraps.
func TestByHand(t *testing.T) {
	s := newSite(t)
	init := newCommand(t, s)("init")
	kektest.Run(t, init, 0)
	want := kektest.RootOf(t, s.kek(t), filepath.Join(init.Dir, "keystore.jsonl"))
	blocks := handbook.Shell(t, "Unwrap a Transit stanza by hand", 3) // what is asked for, with vault, with curl
	for i, tool := range []string{"vault", "curl"} {
		t.Run(tool, func(t *testing.T) {
			if _, err := exec.LookPath(tool); err != nil && tool == "vault" {
				t.Skip(err) // it is in no package archive, and takes longer to build than all tests
			}
			kektest.Need(t, tool)
			env := append(os.Environ(), "VAULT_ADDR="+s.URL, "VAULT_TOKEN="+s.token, "VAULT_CACERT="+s.Authority)
			out, err := handbook.Run(t, init.Dir, env, blocks[0]+blocks[1+i])
			if err != nil {
				t.Fatal(err)
			}
			handbook.WantHex(t, out, want)
		})
	}
}
