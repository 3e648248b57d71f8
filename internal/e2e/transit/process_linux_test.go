package transit

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sealwax/sealwax/internal/e2e/vaultserver"
)

// waiting starts a command that waits for a silent Vault.
func waiting(t *testing.T, s *vaultserver.Server, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), keyringBinary, append([]string{"--config", newSite(t, s.URL, s.Token())}, args...)...)
	cmd.Stderr = new(bytes.Buffer)
	s.Hang()
	before := s.Count("decrypt")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the unwrap", func() bool { return s.Count("decrypt") > before })
	return cmd
}

// What other users see of a process is its command line; its environment its own user sees.
func TestTokenIsInNoProcessList(t *testing.T) {
	s := start(t)
	cmd := waiting(t, s, "rotate")
	for _, name := range []string{"cmdline", "environ"} {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", cmd.Process.Pid, name))
		if err != nil || len(b) == 0 {
			t.Fatalf("%s: got %d bytes, %v", name, len(b), err)
		}
		if bytes.Contains(b, []byte(s.Token())) {
			t.Errorf("the token is in %s", name)
		}
	}
	s.Restore() // breaks the connection: the command asks again, and is done
	if err := cmd.Wait(); err != nil {
		t.Errorf("rotate: %v: %s", err, cmd.Stderr)
	}
}

func TestInterruptEndsACommandThatWaits(t *testing.T) {
	s := start(t)
	cmd := waiting(t, s, "rotate")
	began := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("the command went on for %v after the signal", took)
	}
	text := fmt.Sprint(cmd.Stderr)
	if code := cmd.ProcessState.ExitCode(); err == nil || code != 4 || !strings.Contains(text, "signal received") {
		t.Errorf("exit code %d, %q; want 4, and the signal", code, text)
	}
}
