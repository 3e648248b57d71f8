package kektest

import (
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// Script has what the scripts of every provider have: "keyring N ARGS…" runs the command and wants exit code N, and no
// output of it may hold a secret; "calls OPERATION=N…" wants exactly these requests at the engine since the last "calls".
// More are the commands of the provider's own.
func Script(binary string, engineOf func(*testscript.TestScript) ScriptEngine, more Commands) testscript.Params {
	more["keyring"] = func(ts *testscript.TestScript, neg bool, args []string) {
		scriptKeyring(ts, neg, args, binary, engineOf(ts).Secrets())
	}
	more["calls"] = func(ts *testscript.TestScript, neg bool, args []string) { scriptCalls(ts, neg, args, engineOf(ts)) }
	return testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                more,
	}
}

// Commands are those of a script, by name.
type Commands = map[string]func(ts *testscript.TestScript, neg bool, args []string)

// A ScriptEngine is what a script's calls arrive at.
type ScriptEngine interface {
	Counts() Calls
	Counted() *Calls   // up to the last "calls"
	Secrets() []string // that no output may hold
}

func scriptKeyring(ts *testscript.TestScript, neg bool, args []string, binary string, secrets []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: keyring N args…")
	}
	err := ts.Exec(binary, args[1:]...)
	got := 0
	if exit, ok := err.(*exec.ExitError); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
	output := ts.ReadFile("stdout") + ts.ReadFile("stderr")
	for _, secret := range secrets {
		if strings.Contains(output, secret) {
			ts.Fatalf("a secret is in the output")
		}
	}
}

func scriptCalls(ts *testscript.TestScript, neg bool, args []string, engine ScriptEngine) {
	if neg {
		ts.Fatalf("usage: calls [operation=n…]")
	}
	want := Calls{}
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		n, err := strconv.Atoi(value)
		ts.Check(err)
		want[name] = n
	}
	now := engine.Counts()
	if got := Since(*engine.Counted(), now); !maps.Equal(got, want) {
		ts.Fatalf("the engine counted %v, want %v", got, want)
	}
	*engine.Counted() = now
}

// ExpandConfigs puts values into the files *.hcl of a script's folder.
func ExpandConfigs(dir string, values *strings.Replacer) error {
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".hcl" {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, []byte(values.Replace(string(b))), 0o600)
	})
}
