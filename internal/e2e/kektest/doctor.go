package kektest

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A Doctor runs the command on a config with one KEK, after an init, as its operator does.
type Doctor struct {
	binary, dir string
	secrets     []string
}

// NewDoctor makes a keystore that the KEK of block, a keyring block of a config, opens. Nothing that the command prints may
// hold one of the secrets.
func NewDoctor(t *testing.T, binary, block string, secrets ...string) *Doctor {
	t.Helper()
	d := &Doctor{binary, t.TempDir(), secrets}
	WriteFile(t, filepath.Join(d.dir, "keyring.hcl"), Head+block)
	d.run(t, 0, "init")
	return d
}

// Finds wants doctor to end with an exit code and to print lines that begin like this: "awskms.eu encrypt ok allowed".
func (d *Doctor) Finds(t *testing.T, code int, lines ...string) {
	t.Helper()
	WantLines(t, d.run(t, code, "doctor"), lines...)
}

func (d *Doctor) run(t *testing.T, code int, command string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), d.binary, command)
	cmd.Dir = d.dir
	return Run(t, cmd, code, d.secrets...)
}

var spaces = regexp.MustCompile(" +")

// WantLines wants lines that begin like this, however many spaces there are between two words.
func WantLines(t *testing.T, out string, lines ...string) {
	t.Helper()
	text := spaces.ReplaceAllString(out, " ")
	for _, line := range lines {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("no line %q in\n%s", line, out)
		}
	}
}
