package awskms

import (
	"io/fs"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sealwax/sealwax/internal/e2e/awsserver"
)

// TestScripts runs the command. $KMS is the address of a server of each script's own, with the keys alias/app and alias/other;
// $LOCAL is that of a local-kms that all scripts share, with keys of these names too. Their ARNs are $APP and $LOCALAPP. The file
// "credentials" has credentials of the account, which are good for both. A script has three commands of its own:
//
//	keyring N ARGS…      runs the command and wants exit code N, and no output of it may hold a secret
//	kms WHAT             disturbs the script's server: see kmsActions
//	calls [OPERATION=N…] wants exactly these requests at the script's server since the last "calls"
func TestScripts(t *testing.T) {
	l := newLocalKMS(t, account, (*httptest.Server).Start)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               func(env *testscript.Env) error { return setUpScript(env, l) },
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"keyring": runKeyring,
			"kms":     runKMS,
			"calls":   wantCalls,
		},
	})
}

// scriptKMS is the server of a script.
type scriptKMS struct {
	*awsserver.Server
	app     string
	creds   awsserver.Credentials
	file    string
	counted map[string]int // up to the last "calls"
}

const kmsOfScript = "kms" // in the values of a script

func setUpScript(env *testscript.Env, l *localKMS) error {
	s := awsserver.New(nil)
	env.Defer(s.Close)
	k := &scriptKMS{Server: s, app: s.CreateKey(account, region), file: filepath.Join(env.WorkDir, "credentials")}
	s.Alias("alias/app", k.app)
	s.Alias("alias/other", s.CreateKey(account, region))
	env.Values[kmsOfScript] = k
	env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
	env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	env.Setenv("APP", k.app)
	env.Setenv("LOCALAPP", l.app)
	if err := k.login(); err != nil {
		return err
	}
	return expandConfigs(env.WorkDir, strings.NewReplacer("$KMS", s.URL, "$LOCAL", l.URL, "$WORK", env.WorkDir))
}

// login puts new credentials into the script's file.
func (k *scriptKMS) login() error {
	k.creds = k.NewCredentials(account)
	return os.WriteFile(k.file, []byte(credentialsFile(k.creds)), 0o600)
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

func kmsOf(ts *testscript.TestScript) *scriptKMS { return ts.Value(kmsOfScript).(*scriptKMS) }

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
	output, creds := ts.ReadFile("stdout")+ts.ReadFile("stderr"), kmsOf(ts).creds
	if strings.Contains(output, creds.SecretAccessKey) || strings.Contains(output, creds.SessionToken) || strings.Contains(output, "hush") {
		ts.Fatalf("a secret is in the output")
	}
}

// kmsActions are what "kms" does.
var kmsActions = map[string]func(k *scriptKMS) error{
	"disable": func(k *scriptKMS) error { k.Disable(k.app); return nil },
	"delete":  func(k *scriptKMS) error { k.Delete(k.app); return nil },
	"rotate":  func(k *scriptKMS) error { k.Rotate(k.app); return nil },
	"deny":    func(k *scriptKMS) error { k.Deny(); return nil },
	"fail":    func(k *scriptKMS) error { k.Fail(1); return nil },
	"expire":  func(k *scriptKMS) error { k.Expire(k.creds); return nil },
	"login":   func(k *scriptKMS) error { return k.login() },
	"restore": func(k *scriptKMS) error { k.Restore(); k.Enable(k.app); return nil },
}

func runKMS(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 || kmsActions[args[0]] == nil {
		ts.Fatalf("usage: kms disable|delete|rotate|deny|fail|expire|login|restore")
	}
	ts.Check(kmsActions[args[0]](kmsOf(ts)))
}

func wantCalls(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: calls [operation=n…]")
	}
	k, want := kmsOf(ts), map[string]int{}
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		n, err := strconv.Atoi(value)
		ts.Check(err)
		want[name] = n
	}
	now, got := k.Counts(), map[string]int{}
	for name, n := range now {
		if n -= k.counted[name]; n > 0 {
			got[name] = n
		}
	}
	if !maps.Equal(got, want) {
		ts.Fatalf("KMS counted %v, want %v", got, want)
	}
	k.counted = now
}
