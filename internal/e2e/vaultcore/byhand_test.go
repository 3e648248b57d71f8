package vaultcore_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/handbook"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
)

// TestByHand runs the commands of docs/operations.md as they stand: with curl, and with vault where that is installed. Nobody
// but Vault is asked, and what comes out is the root that our own code unwraps.
func TestByHand(t *testing.T) {
	s := newSite(t)
	init := newCommand(t, s)("init")
	if out, err := init.CombinedOutput(); err != nil {
		t.Fatalf("init: %v: %s", err, out)
	}
	want := kektest.RootOf(t, s.kek(t), filepath.Join(init.Dir, "keystore.jsonl"))
	blocks := handbook.Shell(t, "Unwrap a Transit stanza by hand")
	if len(blocks) != 3 {
		t.Fatalf("docs/operations.md: %d blocks, want 3: what is asked for, with vault, with curl", len(blocks))
	}
	for i, tool := range []string{"vault", "curl"} {
		t.Run(tool, func(t *testing.T) {
			if _, err := exec.LookPath(tool); err != nil && tool == "vault" {
				t.Skip(err) // it is in no package archive, and takes longer to build than all tests
			} else if err != nil {
				kektest.Missing(t, "%v", err)
			}
			cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", blocks[0]+blocks[1+i])
			cmd.Dir = init.Dir
			cmd.Env = append(os.Environ(), "VAULT_ADDR="+s.URL, "VAULT_TOKEN="+s.token, "VAULT_CACERT="+s.Authority)
			cmd.Stderr = new(bytes.Buffer)
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v: %s", err, cmd.Stderr)
			}
			got, err := hex.DecodeString(strings.Join(strings.Fields(string(out)), ""))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("got %d bytes, %v; want the 32 of the root", len(got), err)
			}
		})
	}
}
