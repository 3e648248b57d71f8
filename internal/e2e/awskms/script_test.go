package awskms

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sealwax/sealwax/internal/e2e/awsserver"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
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
	p := kektest.Script(keyringBinary, func(ts *testscript.TestScript) kektest.ScriptEngine { return kmsOf(ts) }, kektest.Commands{"kms": runKMS})
	p.Setup = func(env *testscript.Env) error { return setUpScript(env, l) }
	testscript.Run(t, p)
}

// scriptKMS is the server of a script.
type scriptKMS struct {
	*awsserver.Server
	app     string
	creds   awsserver.Credentials
	file    string
	counted map[string]int // up to the last "calls"
}

func (k *scriptKMS) Counted() *kektest.Calls { return &k.counted }

func (k *scriptKMS) Secrets() []string {
	return []string{k.creds.SecretAccessKey, k.creds.SessionToken, "hush"}
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
	return kektest.ExpandConfigs(env.WorkDir, strings.NewReplacer("$KMS", s.URL, "$LOCAL", l.URL, "$WORK", env.WorkDir))
}

// login puts new credentials into the script's file.
func (k *scriptKMS) login() error {
	k.creds = k.NewCredentials(account)
	return os.WriteFile(k.file, []byte(credentialsFile(k.creds)), 0o600)
}

func kmsOf(ts *testscript.TestScript) *scriptKMS { return ts.Value(kmsOfScript).(*scriptKMS) }

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
