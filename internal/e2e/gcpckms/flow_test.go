package gcpckms

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cloud.google.com/go/kms/apiv1/kmspb"

	"github.com/sealwax/sealwax/internal/e2e/gcpserver"
)

func wantText(t *testing.T, out string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(out, text) {
			t.Errorf("got %s\nwant %q in it", out, text)
		}
	}
}

// From a key file to Cloud KMS by editing the config, with a message that stays as it is, and back.
func TestMoveByCommand(t *testing.T) {
	s := start(t)
	local := `
keyring "aead" {
  name     = "local"
  key_file = "kek.key"
}
`
	dir := newDir(t, local)
	newKeyFile(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("a variable"), 0o600); err != nil {
		t.Fatal(err)
	}
	cloud := block("eu", s.config())
	open := func() {
		t.Helper()
		if got := keyring(t, dir, 0, "open", "--path", "p", "--in", "sealed"); got != "a variable" {
			t.Errorf("open: got %q", got)
		}
	}
	calls := func(encrypt, decrypt int, f func()) {
		t.Helper()
		e, d, all := s.Count("encrypt"), s.Count("decrypt"), s.Count()
		f()
		if e, d, all := s.Count("encrypt")-e, s.Count("decrypt")-d, s.Count()-all; e != encrypt || d != decrypt || all != e+d {
			t.Errorf("%d encrypt, %d decrypt, %d requests; want %d and %d and no others", e, d, all, encrypt, decrypt)
		}
	}
	keyring(t, dir, 0, "init")
	keyring(t, dir, 0, "seal", "--path", "p", "--in", "secret", "--out", "sealed")

	setBlocks(t, dir, local, cloud)
	calls(0, 0, func() { wantText(t, keyring(t, dir, 0, "status"), "gcpckms.eu has no stanza", "run 'keyring rewrap'") })
	calls(1, 1, func() { wantText(t, keyring(t, dir, 0, "rewrap", "--json"), `"wrapped":["aead.local","gcpckms.eu"]`) })

	setBlocks(t, dir, cloud)
	keyring(t, dir, 0, "rewrap")
	if err := os.Remove(filepath.Join(dir, "kek.key")); err != nil {
		t.Fatal(err)
	}
	calls(0, 1, open) // a start
	wantText(t, keyring(t, dir, 0, "status"), key+" version 1")

	// A new version at Cloud KMS: nothing changes until rewrap, and only then may the old version be disabled.
	s.Rotate(t, key)
	open()
	wantText(t, keyring(t, dir, 0, "status", "--json"), `"key_id":"`+key+`","key_version":"1"`)
	keyring(t, dir, 0, "rewrap")
	wantText(t, keyring(t, dir, 0, "status", "--json"), `"key_id":"`+key+`","key_version":"2"`)
	s.SetState(key, 1, kmspb.CryptoKeyVersion_DISABLED)
	open()

	newKeyFile(t, dir)
	setBlocks(t, dir, local, cloud)
	keyring(t, dir, 0, "rewrap")
	setBlocks(t, dir, local)
	keyring(t, dir, 0, "rewrap")
	calls(0, 0, open)
}

// newKeyFile writes a key of the local provider, never the same twice.
func newKeyFile(t *testing.T, dir string) {
	t.Helper()
	key := make([]byte, 32)
	rand.Read(key) // never fails
	text := "sealwax-kek-v1:" + base64.StdEncoding.EncodeToString(key) + "\n"
	if err := os.WriteFile(filepath.Join(dir, "kek.key"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCommandThatIsRefused(t *testing.T) {
	s := start(t)
	dir := newDir(t, block("eu", s.config()))
	keyring(t, dir, 0, "init")

	s.Revoke(gcpserver.UseToDecrypt)
	wantText(t, keyring(t, dir, 4, "verify"), "unwrap with gcpckms.eu (key "+key+")",
		"Cloud KMS answered PermissionDenied: Permission 'cloudkms.cryptoKeyVersions.useToDecrypt' denied on resource",
		"grant it: gcloud kms keys add-iam-policy-binding app --keyring=sealwax --location=europe-west1 --project=sealwax-test --member=serviceAccount:"+s.account.Email+" --role=roles/cloudkms.cryptoKeyDecrypter")
	s.Restore()

	s.SetState(key, 1, kmspb.CryptoKeyVersion_DISABLED)
	wantText(t, keyring(t, dir, 4, "verify"), "is not enabled, current state is: DISABLED", "gcloud kms keys versions enable 1 --key=app")
	s.SetState(key, 1, kmspb.CryptoKeyVersion_ENABLED)

	other := s.config()
	other.CryptoKey = "other"
	s.CreateKey(t, gcpserver.KeyName(project, "other"))
	setBlocks(t, dir, block("eu", other))
	wantText(t, keyring(t, dir, 3, "verify"), `wrapped under "`+key, "set project, region, key_ring and crypto_key to the key that wrapped it")
}

func TestCommandTellsOfVariables(t *testing.T) {
	s := start(t)
	t.Setenv("GOOGLE_PROJECT", "another-project")
	dir := newDir(t, block("eu", s.config()))
	wantText(t, keyring(t, dir, 0, "config", "check"), "keyring gcpckms.eu: project: the environment variable GOOGLE_PROJECT says something else and is ignored")
	keyring(t, dir, 0, "init")
	wantText(t, keyring(t, dir, 0, "status"), key)
}

// On Google's own machines there is no file. A server on loopback is the machine's, which other processes must not find.
func TestAccountOfTheMachine(t *testing.T) {
	s := start(t)
	machine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Metadata-Flavor") != "Google" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		w.Header().Set("Metadata-Flavor", "Google")
		switch r.URL.Path {
		case "/computeMetadata/v1/instance/service-accounts/default/token":
			fmt.Fprintf(w, `{"access_token": %q, "expires_in": 3599, "token_type": "Bearer"}`, s.Token())
		case "/computeMetadata/v1/instance/service-accounts/default/email":
			fmt.Fprint(w, "machine@sealwax-test.iam.gserviceaccount.com")
		default:
			http.NotFound(w, r)
		}
	}))
	defer machine.Close()
	t.Setenv("GCE_METADATA_HOST", machine.Listener.Addr().String())
	t.Setenv("HOME", t.TempDir())
	dir := newDir(t, withoutCredentials(s))
	keyring(t, dir, 0, "init")
	wantText(t, keyring(t, dir, 0, "doctor"), "machine@sealwax-test.iam.gserviceaccount.com", "the account of this machine")
}

func TestNoCredentials(t *testing.T) {
	s := start(t)
	t.Setenv("HOME", t.TempDir())
	dir := newDir(t, withoutCredentials(s))
	keyring(t, dir, 0, "config", "check") // which does not look for a metadata server
	wantText(t, keyring(t, dir, 4, "init"), "could not find default credentials", "set credentials to the path of a service account's key")
}

func withoutCredentials(s *site) string {
	var kept []string
	for line := range strings.Lines(block("eu", s.config())) {
		if !strings.Contains(line, "credentials") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// A Nomad agent's block has quoted strings alone, and all that Nomad's documentation knows.
func TestBlockOfNomad(t *testing.T) {
	s := start(t)
	dir := newDir(t)
	nomad := fmt.Sprintf(`
region = "emea"

server {
  enabled = true
}

keyring "gcpckms" {
  active           = true
  name             = "eu"
  credentials      = %q
  project          = "sealwax-test"
  region           = "europe-west1"
  key_ring         = "sealwax"
  crypto_key       = "app"
  user_agent       = "nomad-before"
  key_not_required = "true"
}
`, s.account.File)
	if err := os.WriteFile(filepath.Join(dir, "server.hcl"), []byte(nomad), 0o600); err != nil {
		t.Fatal(err)
	}
	keyring(t, dir, 0, "--nomad-config", "server.hcl", "init")
	wantText(t, keyring(t, dir, 0, "--nomad-config", "server.hcl", "status"), "gcpckms.eu", key+" version 1")
	if !s.SawAgent("nomad-before") {
		t.Error("the server did not see the user agent")
	}
}
