package awskms

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/handbook"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
)

const byHandConfig = kektest.Head + `
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
	kektest.Need(t, "aws", "jq")
	blocks := handbook.Shell(t, "Unwrap an AWS KMS stanza by hand", 1)
	f := newFake(t)
	f.Alias("alias/sealwax", f.app)
	dir := t.TempDir()
	kektest.WriteFile(t, filepath.Join(dir, "keyring.hcl"), strings.NewReplacer("$ENDPOINT", f.URL, "$FILE", f.file).Replace(byHandConfig))
	init := exec.CommandContext(t.Context(), keyringBinary, "init")
	init.Dir = dir
	kektest.Run(t, init, 0)

	byHand := func() (string, error) {
		env := append(os.Environ(), "AWS_ENDPOINT_URL_KMS="+f.URL, "AWS_DEFAULT_REGION="+region, "AWS_SHARED_CREDENTIALS_FILE="+f.file)
		return handbook.Run(t, dir, env, blocks[0])
	}
	before := f.Count()
	out, err := byHand()
	if err != nil {
		t.Fatal(err)
	}
	handbook.WantHex(t, out, kektest.RootOf(t, newKEK(t, f.config()), filepath.Join(dir, "keystore.jsonl")))
	if n := f.Count() - before; n != 2 {
		t.Errorf("%d requests, want 1 of the aws command and 1 of ours", n)
	}

	// Another key of the account is of no use.
	f.Alias("alias/sealwax", f.other)
	if out, err := byHand(); err == nil || !strings.Contains(err.Error(), "IncorrectKeyException") {
		t.Errorf("with another key: got %s, %v", out, err)
	}
}
