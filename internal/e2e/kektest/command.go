package kektest

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

// Head begins a config. The keyring blocks come behind it, and everything else into the folder of its file.
const Head = `
cluster {
  id     = "prod"
  region = "emea"
}

keystore {
  path  = "keystore.jsonl"
  state = "state"
}
`

// Run runs a command, wants an exit code, and returns what it printed, in which there is none of the secrets.
func Run(t testing.TB, cmd *exec.Cmd, code int, secrets ...string) string {
	t.Helper()
	b, err := cmd.CombinedOutput()
	out := string(b)
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok || cmd.ProcessState.ExitCode() != code {
		t.Fatalf("%q: %v, want exit code %d: %s", cmd.Args[1:], err, code, out)
	}
	for _, secret := range secrets {
		if strings.Contains(out, secret) {
			t.Errorf("%q: a secret is in the output", cmd.Args[1:])
		}
	}
	return out
}
