package transit

import (
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sealwax/sealwax/internal/e2e/vaultserver"
)

// TestScripts runs the command against a Vault of each script's own, which has the keys "app" and "other". In the script
// and in its files *.hcl $VAULT stands for its address, $TOKEN for its token, and $WORK for the script's folder, where
// the file "token" has that token too. A script has three commands of its own:
//
//	keyring N ARGS…        runs the command and wants exit code N, and no output of it may hold a token
//	vault WHAT ARGS…       disturbs the Vault, or writes to it as its operator: see vaultActions
//	calls OPERATION=N…     wants exactly these requests at the engine since the last "calls"
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUpScript,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"keyring": runKeyring,
			"vault":   runVault,
			"calls":   wantScriptCalls,
		},
	})
}

// scriptVault is the Vault of a script.
type scriptVault struct {
	*vaultserver.Server
	counted calls // up to the last "calls"
}

const vaultOfScript = "vault" // in the values of a script

func setUpScript(env *testscript.Env) error {
	s, err := vaultserver.New()
	if err != nil {
		return err
	}
	env.Defer(s.Close)
	env.Values[vaultOfScript] = &scriptVault{Server: s}
	env.Setenv("VAULT", s.URL)
	env.Setenv("TOKEN", s.Token())
	env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
	for _, key := range []string{"app", "other"} {
		if err := s.Write("keys/"+key, nil); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(env.WorkDir, "token"), []byte(s.Token()+"\n"), 0o600); err != nil {
		return err
	}
	return expandConfigs(env.WorkDir, strings.NewReplacer("$VAULT", s.URL, "$WORK", env.WorkDir, "$TOKEN", s.Token()))
}

func expandConfigs(dir string, values *strings.Replacer) error {
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

func vaultOf(ts *testscript.TestScript) *scriptVault { return ts.Value(vaultOfScript).(*scriptVault) }

func runKeyring(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: keyring N args…")
	}
	err := ts.Exec(keyringBinary, args[1:]...)
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
	if secret := strings.TrimPrefix(ts.Getenv("TOKEN"), "hvs."); strings.Contains(output, "hvs.") || strings.Contains(output, secret) {
		ts.Fatalf("a token is in the output")
	}
}

// vaultActions are what "vault" does with the arguments that follow.
var vaultActions = map[string]func(s *scriptVault, args []string) error{
	"seal":    func(s *scriptVault, _ []string) error { s.Seal(); return nil },
	"deny":    func(s *scriptVault, operations []string) error { s.Deny(operations...); return nil },
	"hang":    func(s *scriptVault, _ []string) error { s.Hang(); return nil },
	"cut":     func(s *scriptVault, _ []string) error { s.Cut(1); return nil },
	"restore": func(s *scriptVault, _ []string) error { s.Restore(); return nil },
	"token":   func(s *scriptVault, args []string) error { s.SetToken(args[0]); return nil },
	"delete":  func(s *scriptVault, args []string) error { return s.Delete(args[0]) },
	"write":   func(s *scriptVault, args []string) error { return s.Write(args[0], fields(args[1:])) },
}

func runVault(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 || vaultActions[args[0]] == nil {
		ts.Fatalf("usage: vault seal|deny [operation…]|hang|cut|restore|token T|delete path|write path [field=value…]")
	}
	ts.Check(vaultActions[args[0]](vaultOf(ts), args[1:]))
}

// fields reads NAME=VALUE, as the "vault" command does.
func fields(args []string) map[string]any {
	data := map[string]any{}
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		data[name] = value
	}
	return data
}

func wantScriptCalls(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: calls [operation=n…]")
	}
	s, want := vaultOf(ts), calls{}
	for name, value := range fields(args) {
		n, err := strconv.Atoi(value.(string))
		ts.Check(err)
		want[name] = n
	}
	now := s.Counts()
	if got := since(s.counted, now); !maps.Equal(got, want) {
		ts.Fatalf("the engine counted %v, want %v", got, want)
	}
	s.counted = now
}
