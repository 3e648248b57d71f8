package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"keyring": func() { os.Exit(run()) },
	})
}

// TestScripts runs the files in testdata/script, one for each command.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			return os.Mkdir(filepath.Join(env.WorkDir, "home"), 0o700)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"code":   code,
			"flip":   flip,
			"ids":    ids,
			"aged":   aged,
			"turned": turned,
			"until":  until,
		},
	})
}

// code runs a command and wants an exit code: "code 3 keyring open …".
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command args…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if exit, ok := err.(*exec.ExitError); ok {
		got = itoa(exit.ExitCode())
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

func itoa(n int) string { return string(rune('0' + n)) }

// flip changes one bit in the middle of a file.
func flip(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: flip file")
	}
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	b[len(b)/2] ^= 1
	ts.Check(os.WriteFile(path, b, 0o600))
}

// ids puts the IDs of the last keys in a state into variables: "ids prepublished first second".
func ids(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: ids state variable…")
	}
	ts.Check(ts.Exec("keyring", "list", "--json"))
	var keys []struct{ ID, State string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &keys))
	var found []string
	for _, k := range keys {
		if k.State == args[0] {
			found = append(found, k.ID)
		}
	}
	names := args[1:]
	if len(found) < len(names) {
		ts.Fatalf("%d keys are %s, want %d", len(found), args[0], len(names))
	}
	for i, id := range found[len(found)-len(names):] {
		ts.Setenv(names[i], id)
	}
}

// aged makes a keystore in a folder with a key file of init --dev, as if it had been made so long ago: "aged 800h demo".
func aged(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: aged duration folder")
	}
	ago, err := time.ParseDuration(args[0])
	ts.Check(err)
	store, kek, o := devStore(ts, args[1])
	o.Clock = func() time.Time { return time.Now().Add(-ago) }
	ring, err := keyring.Create(context.Background(), store, kek, o)
	ts.Check(err)
	ts.Check(ring.Close())
}

// turned rotates such a keystore, as if that had been so long ago, to a key with these signing algorithms: "turned 1h
// demo EdDSA".
func turned(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: turned duration folder algorithm…")
	}
	ago, err := time.ParseDuration(args[0])
	ts.Check(err)
	store, kek, o := devStore(ts, args[1])
	o.Clock, o.Signing.Algorithms = func() time.Time { return time.Now().Add(-ago) }, args[2:]
	ring, err := keyring.Load(context.Background(), store, kek, o)
	ts.Check(err)
	_, err = ring.Rotate(context.Background())
	ts.Check(err)
	ts.Check(ring.Close())
}

// devStore returns what it takes to make or open the keystore of init --dev in a folder.
func devStore(ts *testscript.TestScript, dir string) (*keystore.File, []*wrappers.KEK, *keyring.Options) {
	dir = ts.MkAbs(dir)
	w, err := local.FromFile(filepath.Join(dir, devKey))
	ts.Check(err)
	kek, err := wrappers.New(w, &wrappers.Options{Name: "local"})
	ts.Check(err)
	return keystore.NewFile(filepath.Join(dir, devKeystore)), []*wrappers.KEK{kek}, &keyring.Options{Cluster: "dev", Region: "global"}
}

// until waits for a process in the background to write what matches: "until REGEXP file".
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: until regexp file")
	}
	wanted := regexp.MustCompile(args[0])
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if text, err := os.ReadFile(ts.MkAbs(args[1])); err == nil && wanted.Match(text) {
			return
		}
	}
	ts.Fatalf("%s does not come to match %s", args[1], args[0])
}
