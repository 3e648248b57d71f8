package transit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
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
	p := kektest.Script(keyringBinary, func(ts *testscript.TestScript) kektest.ScriptEngine { return vaultOf(ts) }, kektest.Commands{"vault": runVault})
	p.Setup = setUpScript
	testscript.Run(t, p)
}

// scriptVault is the Vault of a script.
type scriptVault struct {
	*vaultserver.Server
	token   string // the first one, without its prefix
	counted calls  // up to the last "calls"
}

func (s *scriptVault) Counted() *calls { return &s.counted }

func (s *scriptVault) Secrets() []string {
	return []string{"hvs.", s.token}
}

const vaultOfScript = "vault" // in the values of a script

func setUpScript(env *testscript.Env) error {
	s, err := vaultserver.New()
	if err != nil {
		return err
	}
	env.Defer(s.Close)
	env.Values[vaultOfScript] = &scriptVault{Server: s, token: strings.TrimPrefix(s.Token(), "hvs.")}
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
	return kektest.ExpandConfigs(env.WorkDir, strings.NewReplacer("$VAULT", s.URL, "$WORK", env.WorkDir, "$TOKEN", s.Token()))
}

func vaultOf(ts *testscript.TestScript) *scriptVault { return ts.Value(vaultOfScript).(*scriptVault) }

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
