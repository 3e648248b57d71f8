package passphrase

import (
	"crypto/fips140"
	"os"
	"os/exec"
	"testing"

	"github.com/sealwax/sealwax/wrappers"
)

// notUnderFIPS skips a test that needs Argon2id, which GODEBUG=fips140=only forbids. It is the only reason for which a
// test of this package is skipped there.
func notUnderFIPS(t *testing.T) {
	t.Helper()
	if fips140.Enforced() {
		t.Skip(errFIPS)
	}
}

// TestUnderFIPS runs itself again with fips140=only, in which the KEK gives an error and does not panic.
func TestUnderFIPS(t *testing.T) {
	if !fips140.Enforced() {
		again := exec.Command(os.Args[0], "-test.run=^TestUnderFIPS$")
		again.Env = append(os.Environ(), "GODEBUG=fips140=only")
		if out, err := again.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	w, err := New([]byte(good), nil)
	if err != nil {
		t.Fatal(err)
	}
	k, err := wrappers.New(w, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, wrapErr := k.Wrap(t.Context(), []byte("x"), nil)
	_, unwrapErr := k.Unwrap(t.Context(), &wrappers.Wrapped{Scheme: scheme, Blob: appendHeader(make([]byte, 0, 99), make([]byte, 16), costs{64, 1, 1})[:99]}, nil)
	for op, err := range map[string]error{"wrap": wrapErr, "unwrap": unwrapErr, "check": k.Check(t.Context())} {
		want := "wrappers: " + op + " with passphrase: Argon2id is not an algorithm of FIPS 140-3, and GODEBUG=fips140=only forbids all others; use another provider, or run without fips140=only"
		if err == nil || err.Error() != want || wrappers.ClassOf(err) != wrappers.Ask {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
