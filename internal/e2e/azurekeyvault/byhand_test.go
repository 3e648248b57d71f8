package azurekeyvault

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/azureserver"
	"github.com/sealwax/sealwax/internal/e2e/handbook"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
)

// byHand are the commands of docs/operations.md that unwrap a stanza with nothing of ours, as they stand there.
func byHand(t *testing.T) (prepare, az, curl string) {
	t.Helper()
	blocks := handbook.Shell(t, "Unwrap an Azure Key Vault stanza by hand", 3) // what is asked for, with az, with curl
	return blocks[0], blocks[1], blocks[2]
}

// manual is a keystore that the command made under the key that the document names, which has another version since, and its
// root.
func manual(t *testing.T) (s *azureserver.Server, dir string, root []byte) {
	t.Helper()
	s = start(t)
	s.AddKey(t, "contoso-prod", "sealwax")
	dir = newDir(t, blockOf("contoso-prod", "sealwax"))
	keyring(t, dir, 0, "init")
	s.Rotate(t, "contoso-prod", "sealwax", 2048)
	c := config()
	c.VaultName, c.KeyName = "contoso-prod", "sealwax"
	return s, dir, kektest.RootOf(t, newKEK(t, c), filepath.Join(dir, "keystore.jsonl"))
}

// An operator logs in as the application, or as a person, and decrypts.
func TestStanzaByHandWithAz(t *testing.T) {
	if _, err := exec.LookPath("az"); err != nil {
		t.Skipf("no az on this machine; Debian's package azure-cli has it: %v", err) // also with E2E_REQUIRE=1: it takes 700 MB
	}
	kektest.Need(t, "jq")
	s, dir, root := manual(t)
	prepare, az, _ := byHand(t)
	login := "az login --service-principal --username " + azureserver.Client + ` --password "$(cat secret)" --tenant ` + azureserver.Tenant + " --allow-no-subscriptions >login.json\n"
	before := s.Count("decrypt")
	handbook.WantHex(t, shell(t, dir, login+prepare+az), root)
	if n := s.Count("decrypt") - before; n != 1 {
		t.Errorf("%d decryptions, want az's", n)
	}
}

func TestStanzaByHandWithCurl(t *testing.T) {
	kektest.Need(t, "curl", "jq")
	s, dir, root := manual(t)
	prepare, _, curl := byHand(t)
	handbook.WantHex(t, shell(t, dir, "TOKEN="+s.Token()+"\n"+prepare+curl), root)
}

// shell runs commands in dir, where an az finds no login of the machine's.
func shell(t *testing.T, dir, commands string) string {
	t.Helper()
	debian, err := filepath.Abs(filepath.Join("testdata", "debian"))
	if err != nil {
		t.Fatal(err)
	}
	env := append(proxy.Environ(nil), "AZURE_CONFIG_DIR="+t.TempDir(), "AZURE_CORE_COLLECT_TELEMETRY=no", "AZURE_CORE_NO_COLOR=yes", "PYTHONPATH="+debian)
	out, err := handbook.Run(t, dir, env, commands)
	if err != nil {
		t.Fatalf("%v; no route to %v", err, proxy.Refused())
	}
	return out
}
