package kektest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Missing skips a test for what the machine lacks, or fails it where E2E_REQUIRE=1 says that everything is to be there.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("E2E_REQUIRE") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// Need skips a test for a command that the machine lacks, or fails it as Missing does.
func Need(t testing.TB, commands ...string) {
	t.Helper()
	for _, command := range commands {
		if _, err := exec.LookPath(command); err != nil {
			Missing(t, "no %s on this machine: %v", command, err)
		}
	}
}

// Main is what a package's TestMain does: it has prepare make what all tests share, in a folder that is removed at the end,
// and runs them. It returns the exit code. What prepare starts ends with the process.
func Main(m *testing.M, prepare func(dir string) error) int {
	dir, err := os.MkdirTemp("", "sealwax-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := prepare(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// BuildKeyring builds the command into dir, as operators build it, and returns its path. The test package is a folder of
// this module, and has not taken the network away yet.
func BuildKeyring(dir string) (string, error) {
	return Build(dir, filepath.Join("..", "..", ".."), "./cmd/keyring") // the command is not of this module
}

// Build builds a command, as seen from the folder from, into dir and returns its path.
func Build(dir, from, command string) (string, error) {
	binary := filepath.Join(dir, filepath.Base(command))
	build := exec.Command("go", "build", "-o", binary, command)
	build.Dir, build.Stdout, build.Stderr = from, os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		return "", fmt.Errorf("build %s: %w", command, err)
	}
	return binary, nil
}

// Node runs a script of the folder js, gives it request as JSON and reads answer as JSON: an official client that is not
// of Go.
func Node(t testing.TB, env []string, script string, request, answer any) {
	t.Helper()
	Need(t, "node")
	js := filepath.Join("..", "js")
	if _, err := os.Stat(filepath.Join(js, "node_modules")); err != nil {
		Missing(t, "run npm ci in internal/e2e/js: %v", err)
	}
	input, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", script)
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stderr = js, env, bytes.NewReader(input), new(bytes.Buffer)
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("node %s: %v: %s", script, err, cmd.Stderr)
	}
	if err := json.Unmarshal(output, answer); err != nil {
		t.Fatalf("node %s printed %q: %v", script, output, err)
	}
}

// WriteFile writes a file that only its owner may read.
func WriteFile(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
