package gcpckms

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/handbook"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/wrappers/gcpckms"
)

// byHand are the commands of docs/operations.md that unwrap a stanza with nothing of ours, as they stand there.
func byHand(t *testing.T) (prepare, gcloud, curl string) {
	t.Helper()
	blocks := handbook.Shell(t, "Unwrap a GCP Cloud KMS stanza by hand", 3) // what is asked for, with gcloud, with curl
	return blocks[0], blocks[1], blocks[2]
}

// manual is a keystore under the key that the document names, made by the command.
func manual(t *testing.T) (s *site, dir string, root []byte) {
	t.Helper()
	s = start(t)
	s.CreateKey(t, "projects/my-project/locations/europe-west1/keyRings/sealwax/cryptoKeys/root")
	config := gcpckms.Config{Credentials: s.account.File, Project: "my-project", Region: "europe-west1", KeyRing: "sealwax", CryptoKey: "root"}
	dir = newDir(t, block("eu", config))
	keyring(t, dir, 0, "init")
	return s, dir, kektest.RootOf(t, newKEK(t, config), filepath.Join(dir, "keystore.jsonl"))
}

func TestStanzaByHandWithGcloud(t *testing.T) {
	if _, err := exec.LookPath("gcloud"); err != nil {
		t.Skipf("no gcloud on this machine, and Debian has none: %v", err) // also with E2E_REQUIRE=1
	}
	s, dir, root := manual(t)
	prepare, gcloud, _ := byHand(t)
	before := s.Count("decrypt")
	handbook.WantHex(t, shell(t, s, dir, prepare+gcloud), root)
	if n := s.Count("decrypt") - before; n != 1 {
		t.Errorf("%d decryptions, want gcloud's", n)
	}
}

func TestStanzaByHandWithCurl(t *testing.T) {
	kektest.Need(t, "curl", "jq")
	s, dir, root := manual(t)
	prepare, _, curl := byHand(t)
	handbook.WantHex(t, shell(t, s, dir, "TOKEN="+s.Token()+"\n"+prepare+curl), root)
}

// The same blob under the words of another keystore stays shut.
func TestStanzaByHandIsBound(t *testing.T) {
	kektest.Need(t, "curl")
	s, dir, _ := manual(t)
	prepare, _, curl := byHand(t)
	curl, _, _ = strings.Cut(curl, "|\n  jq") // to see what was answered
	out := shell(t, s, dir, "set +o pipefail\nTOKEN="+s.Token()+"\n"+strings.Replace(prepare, "sealwax/v1 keystore=", "sealwax/v1 keystore=0", 1)+curl+"|| true")
	if !strings.Contains(out, "Decryption failed: the ciphertext is invalid.") {
		t.Errorf("got %s", out)
	}
}

// shell runs commands in dir as somebody who has logged in with gcloud.
func shell(t *testing.T, s *site, dir, commands string) string {
	t.Helper()
	env := append(proxy.Environ(nil),
		"CLOUDSDK_CONFIG="+t.TempDir(),
		"CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE="+s.account.File,
		"CLOUDSDK_CORE_DISABLE_USAGE_REPORTING=true",
		"CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK=true",
	)
	out, err := handbook.Run(t, dir, env, commands)
	if err != nil {
		t.Fatalf("%v; no route to %v", err, proxy.Refused())
	}
	return out
}
