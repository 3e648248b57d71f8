package handbook

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// Run runs commands in dir as they would stand in a script that ends at the first failure. It returns what they printed; an
// error has what they complained of.
func Run(t testing.TB, dir string, env []string, commands string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", commands)
	cmd.Dir, cmd.Env, cmd.Stderr = dir, env, new(bytes.Buffer)
	out, err := cmd.Output()
	t.Logf("$ %s\n%s%s", strings.ReplaceAll(strings.TrimSpace(commands), "\n", "\n  "), out, cmd.Stderr)
	if err != nil {
		return string(out), fmt.Errorf("%w: %s", err, cmd.Stderr)
	}
	return string(out), nil
}

// WantHex wants root as od prints it.
func WantHex(t testing.TB, out string, root []byte) {
	t.Helper()
	got, err := hex.DecodeString(strings.Join(strings.Fields(out), ""))
	if err != nil || !bytes.Equal(got, root) {
		t.Errorf("got %d bytes, %v; want the %d of the root", len(got), err, len(root))
	}
}
