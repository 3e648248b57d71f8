package transit

import (
	"bufio"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
)

// TestVaultdev does what its operator does: puts the printed block into a config and makes a keystore.
func TestVaultdev(t *testing.T) {
	binary, err := kektest.Build(t.TempDir(), "..", "./cmd/vaultdev")
	if err != nil {
		t.Fatal(err)
	}
	vaultdev := exec.CommandContext(t.Context(), binary)
	stdout, err := vaultdev.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := vaultdev.Start(); err != nil {
		t.Fatal(err)
	}
	block := ""
	for lines := bufio.NewScanner(stdout); !strings.HasSuffix(block, "}\n"); {
		if !lines.Scan() {
			t.Fatalf("ended after %q", block)
		}
		block += lines.Text() + "\n"
	}
	config := writeConfig(t, block)
	for _, command := range []string{"init", "verify", "rotate"} {
		if out, err := exec.Command(keyringBinary, "--config", config, command).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", command, err, out)
		}
	}

	if err := vaultdev.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := vaultdev.Wait(); err != nil {
		t.Errorf("after an interrupt: %v", err)
	}
	token := regexp.MustCompile(`file://([^"]+)`).FindStringSubmatch(block)[1]
	if _, err := os.Stat(token); !os.IsNotExist(err) {
		t.Errorf("the token file is left behind: %v", err)
	}
}
