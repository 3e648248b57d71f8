package awskms

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

const byHandConfig = `
cluster {
  id     = "prod"
  region = "emea"
}

keystore {
  path  = "keystore.jsonl"
  state = "state"
}

keyring "awskms" {
  name                  = "eu"
  region                = "eu-central-1"
  kms_key_id            = "alias/sealwax"
  endpoint              = "$ENDPOINT"
  shared_creds_filename = "$FILE"
}
`

// TestByHand runs the commands of docs/operations.md as they stand, with AWS's own command line, on a keystore that our
// command made. What comes out is the root that our own code unwraps.
func TestByHand(t *testing.T) {
	for _, tool := range []string{"aws", "jq"} {
		if _, err := exec.LookPath(tool); err != nil {
			kektest.Missing(t, "%v", err)
		}
	}
	blocks := handbook.Shell(t, "Unwrap an AWS KMS stanza by hand")
	if len(blocks) != 1 {
		t.Fatalf("docs/operations.md: %d blocks, want 1", len(blocks))
	}
	f := newFake(t)
	f.Alias("alias/sealwax", f.app)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "keyring.hcl"), strings.NewReplacer("$ENDPOINT", f.URL, "$FILE", f.file).Replace(byHandConfig))
	init := exec.CommandContext(t.Context(), keyringBinary, "init")
	init.Dir = dir
	if out, err := init.CombinedOutput(); err != nil {
		t.Fatalf("init: %v: %s", err, out)
	}

	byHand := func() (string, error) {
		cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", blocks[0])
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL_KMS="+f.URL, "AWS_DEFAULT_REGION="+region, "AWS_SHARED_CREDENTIALS_FILE="+f.file)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		return string(out) + stderr.String(), err
	}
	before := f.Count()
	out, err := byHand()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got, err := hex.DecodeString(strings.Join(strings.Fields(out), ""))
	if want := kektest.RootOf(t, newKEK(t, f.config()), filepath.Join(dir, "keystore.jsonl")); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %d bytes, %v; want the 32 of the root", len(got), err)
	}
	if n := f.Count() - before; n != 2 {
		t.Errorf("%d requests, want 1 of the aws command and 1 of ours", n)
	}

	// Another key of the account is of no use.
	f.Alias("alias/sealwax", f.other)
	if out, err := byHand(); err == nil || !strings.Contains(out, "IncorrectKeyException") {
		t.Errorf("with another key: got %s, %v", out, err)
	}
}
