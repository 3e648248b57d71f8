package transit

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/wrappers"
)

// A command that was told to wait opens the keystore when the Vault is unsealed, or is there at last, and has said of each
// attempt who failed, how, and when it asks again.
func TestACommandWaitsForItsVault(t *testing.T) {
	for name, c := range map[string]struct {
		down func(t *testing.T, s *door) (up func())
		says string
		does string
	}{
		"sealed": {func(t *testing.T, d *door) func() { d.vault.Seal(); return d.vault.Restore }, "Vault is sealed; unseal the Vault", "rotate"},
		"closed": {func(t *testing.T, d *door) func() { d.close(); return func() { d.open(t) } }, "connection refused; check that a Vault answers", "verify"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each waits for some seconds
			d := newDoor(t)
			file := newSite(t, d.url(), d.vault.Token())
			up := c.down(t, d)
			stderr := new(lines)
			cmd := exec.CommandContext(t.Context(), keyringBinary, "--config", file, "--wait", "1m", c.does)
			cmd.Stderr = stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitFor(t, "two attempts", func() bool { return strings.Count(stderr.String(), "next=") >= 2 })
			up()
			began := time.Now()
			if err := cmd.Wait(); err != nil {
				t.Fatalf("%s: %v: %s", c.does, err, stderr)
			}
			t.Logf("opened %v after the Vault was back", time.Since(began))
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("opened %v after the Vault was back, want a pause of at most 10 s and a call", took)
			}
			for line := range strings.Lines(stderr.String()) {
				if strings.Contains(line, "next=") && !(strings.Contains(line, "kek=transit") && strings.Contains(line, c.says)) {
					t.Errorf("a line does not say who failed and how, %q: %s", c.says, line)
				}
			}
		})
	}
}

// Somebody has to act for a token that was revoked: the command does not wait for that.
func TestACommandDoesNotWaitForAPolicy(t *testing.T) {
	s := start(t)
	file := newSite(t, s.URL, s.Token())
	s.Deny()
	began := time.Now()
	out, err := exec.Command(keyringBinary, "--config", file, "--wait", "1m", "rotate").CombinedOutput()
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 4 || !strings.Contains(string(out), "permission denied") {
		t.Errorf("got %v: %s", err, out)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it waited %v for somebody to act", took)
	}
}

// A silent Vault costs a command what --timeout allows.
func TestTimeoutEndsACommand(t *testing.T) {
	s := start(t)
	file := newSite(t, s.URL, s.Token())
	s.Hang()
	began := time.Now()
	out, err := exec.Command(keyringBinary, "--config", file, "--timeout", "500ms", "rotate").CombinedOutput()
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 4 || !strings.Contains(string(out), "unwrap with transit") ||
		!strings.Contains(string(out), "--timeout 500ms has passed") {
		t.Errorf("got %v: %s", err, out)
	}
	if took := time.Since(began); took < 500*time.Millisecond || took > 3*time.Second {
		t.Errorf("it took %v, want 500 ms", took)
	}
}

// A ring that runs gives the Vault its stanza when it is back.
func TestARingPaysTheVault(t *testing.T) {
	s, store := start(t), newStore(t)
	near, far := newLocal(t, wrappers.Options{}), newKEK(t, config(s))
	o := home()
	o.PayInterval = 50 * time.Millisecond
	s.Seal()
	r, err := keyring.Create(t.Context(), store, []*wrappers.KEK{near, far}, o)
	opened(t, r, err)
	msg := seal(t, r, "x")
	waitFor(t, "an attempt to pay", func() bool { return s.Count("encrypt") >= 2 })
	wantStanzas(t, store, []string{"aead"}, []string{"transit"})
	before := s.Counts()
	s.Restore()
	waitFor(t, "the payment", func() bool { return len(r.Owed()) == 0 })
	wantStanzas(t, store, []string{"aead", "transit"}, nil)
	paid := kektest.Since(before, s.Counts())
	if paid["decrypt"] != 2 || paid["encrypt"] < 2 {
		t.Errorf("the engine counted %v, want a rehearsal and the root, each read back", paid)
	}
	wantMessage(t, load(t, store, newKEK(t, config(s))), msg, "x")
}
