package wrappertest_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers/wrappertest"
)

// faults are what a wrapper can get wrong, each with the case of the suite that must notice.
var faults = []struct{ fault, noticed string }{
	{"shows the plaintext", "round trip"},
	{"repeats blobs", "two wraps differ"},
	{"drops the context", "other context"},
	{"calls every error Ask", "wrong key"},
	{"takes any key ID", "other key ID"},
	{"ignores the last byte", "damaged byte"},
	{"trims zeros", "cut off and longer"},
	{"checks nothing", "not a blob"},
	{"unwraps though it should not", "wrap only"},
	{"fails its own check", "check"},
	{"serves one at a time", "64 goroutines"},
	{"leaves a goroutine", "nothing left running"},
	{"never comes back", "silent engine"},
	{"repeats what was denied", "denied"},
	{"gives no next step", "denied"},
	{"gives up at once", "server error"},
	{"gives up when throttled", "throttled"},
	{"gives up when cut off", "connection cut"},
	{"opens what is of any account", "wrong account"},
	{"forgets the old version", "rotation"},
	{"says nothing of a disabled key", "disabled key"},
	{"says nothing of a deleted key", "deletion pending"},
	{"says nothing of expired credentials", "expired credentials"},
	{"keeps what has expired", "expired credentials"},
	{"says nothing of the certificate", "untrusted certificate"},
	{"trusts anybody", "untrusted certificate"},
	{"prints its token", "nothing secret in logs"},
	{"shows its token", "damaged byte"},
	{"repeats the request", "errors show nothing"},
	{"repeats the request in its cause", "errors show nothing"},
	{"says what it unwrapped", "errors show nothing"},
}

const faultVariable = "WRAPPERTEST_FAULT"

// TestFaultsAreNoticed runs the case that must notice a fault in a process of its own, which must fail. They run together,
// since they mostly wait.
func TestFaultsAreNoticed(t *testing.T) {
	var all sync.WaitGroup
	for _, f := range faults {
		all.Go(func() {
			name := "TestSuite/" + strings.ReplaceAll(f.noticed, " ", "_")
			out, err := runSuite(f.fault, strings.ReplaceAll("^"+name+"$", "/", "$/^"))
			if err == nil || !bytes.Contains(out, []byte("--- FAIL: "+name+" ")) {
				t.Errorf("a wrapper that %s: got %v, want the case %q to fail\n%s", f.fault, err, f.noticed, out)
			}
		})
	}
	all.Wait()
	if out, err := runSuite("no fault", "^TestSuite$"); err != nil {
		t.Errorf("a wrapper without fault: %v\n%s", err, out)
	}
}

func runSuite(fault, tests string) ([]byte, error) {
	cmd := exec.Command(os.Args[0], "-test.run="+tests, "-test.timeout=60s")
	cmd.Env = append(os.Environ(), faultVariable+"="+fault)
	return cmd.CombinedOutput()
}

// TestSuite is what TestFaultsAreNoticed runs.
func TestSuite(t *testing.T) {
	fault := os.Getenv(faultVariable)
	if fault == "" {
		t.Skip("run by TestFaultsAreNoticed")
	}
	e := &engine{}
	wrappertest.Run(t, wrappertest.Harness{
		New:      func(t *testing.T) wrapping.Wrapper { return newFaulty(t, 1, e, fault) },
		WrongKey: func(t *testing.T) wrapping.Wrapper { return newFaulty(t, 2, e, fault) },
		WrongAccount: func(t *testing.T) wrapping.Wrapper {
			if fault == "opens what is of any account" {
				return newFaulty(t, 1, e, fault)
			}
			return newFaulty(t, 3, e, fault)
		},
		Untrusted: func(t *testing.T) wrapping.Wrapper {
			w := newFaulty(t, 1, e, fault)
			w.untrusting = true
			return w
		},
		WrapOnly: func(t *testing.T) wrapping.Wrapper {
			return &onlyWraps{newFaulty(t, 1, e, fault), fault != "unwraps though it should not"}
		},
		Engine:  e.hooks(),
		Secrets: []string{token},
		Says:    map[string][]string{"disabled key": {"key disabled", "ask for it"}},
	})
}
