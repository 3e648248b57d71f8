package passphrase

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/wrappertest"
)

const good = "correct horse battery staple"

var cheap = &Options{Time: 1, Threads: 1} // the cheapest that is accepted

func TestConformance(t *testing.T) {
	notUnderFIPS(t)
	with := func(passphrase string) func(*testing.T) wrapping.Wrapper {
		return func(t *testing.T) wrapping.Wrapper { return newTest(t, passphrase) }
	}
	wrappertest.Run(t, wrappertest.Harness{New: with(good), WrongKey: with(good + "!"), Secrets: []string{good}})
}

func newTest(t *testing.T, passphrase string) *Wrapper {
	t.Helper()
	w, err := New([]byte(passphrase), cheap)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func kekOver(t *testing.T, w wrapping.Wrapper) *wrappers.KEK {
	t.Helper()
	k, err := wrappers.New(w, nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestPassphraseFromFileAndCredential(t *testing.T) {
	notUnderFIPS(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "pass.txt")
	if err := os.WriteFile(path, []byte(good+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	wrapped, err := kekOver(t, newTest(t, good)).Wrap(t.Context(), []byte("the root"), nil)
	if err != nil {
		t.Fatal(err)
	}
	fromFile, err := FromFile(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, w := range map[string]wrapping.Wrapper{
		"FromFile":        fromFile,
		"passphrase_file": configured(t, filepath.Join(dir, "keyring.hcl"), "passphrase_file", "pass.txt"),
		"credential":      configured(t, filepath.Join(dir, "keyring.hcl"), "credential", "pass.txt"),
	} {
		k := kekOver(t, w)
		if k.WaitsForPerson() || k.Check(t.Context()) != nil {
			t.Errorf("%s: waits for a person: %v, check: %v", name, k.WaitsForPerson(), k.Check(t.Context()))
		}
		if got, err := k.Unwrap(t.Context(), wrapped, nil); err != nil || string(got) != "the root" {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func configured(t *testing.T, file, name string, value any) wrapping.Wrapper {
	t.Helper()
	w, err := Configure(t.Context(), wrappers.NewSettings("passphrase", []wrappers.Setting{{Name: name, Value: value, File: file, Line: 2}}))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestSettings(t *testing.T) {
	for _, c := range []struct {
		name  string
		value any
		want  string
	}{
		{"passphrase", good, "k.hcl:2: keyring passphrase: passphrase: unknown setting; it could be credential, memory_mib, passphrase_file, threads, time"},
		{"memory_mib", int64(63), "k.hcl:2: keyring passphrase: memory_mib: must be from 64 to 1024, is 63"},
		{"time", "11", "k.hcl:2: keyring passphrase: time: must be from 1 to 10, is 11"},
		{"memory_mib", int64(700), "k.hcl:2: keyring passphrase: memory_mib: Argon2id with 700 MiB and time 3, whose product must be at most 2048"},
		{"threads", true, "k.hcl:2: keyring passphrase: threads: must be a whole number, is a boolean"},
	} {
		_, err := Configure(t.Context(), wrappers.NewSettings("passphrase", []wrappers.Setting{{Name: c.name, Value: c.value, File: "k.hcl", Line: 2}}))
		if err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	_, err := Configure(t.Context(), wrappers.NewSettings("passphrase", []wrappers.Setting{
		{Name: "passphrase_file", Value: "a", File: "k.hcl", Line: 2}, {Name: "credential", Value: "b", File: "k.hcl", Line: 3},
	}))
	want := "k.hcl:2: keyring passphrase: passphrase_file: give at most one of passphrase_file and credential; with neither it is asked for at the terminal"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestLengthOfAPassphrase(t *testing.T) {
	for _, c := range []struct {
		passphrase string
		ok         bool
	}{
		{"", false},
		{"fourteen chars", false},
		{"fifteen  chars!", true},
		{strings.Repeat("ö", 14), false}, // 28 bytes
		{strings.Repeat("x", MaxLength), true},
		{strings.Repeat("x", MaxLength+1), false},
	} {
		if _, err := New([]byte(c.passphrase), nil); (err == nil) != c.ok || err != nil && err.Error() != "passphrase: a passphrase has 15 characters to 1024 bytes" {
			t.Errorf("%.20q: got %v, want success %v", c.passphrase, err, c.ok)
		}
	}
}

func TestFileThatCannotBeUsed(t *testing.T) {
	notUnderFIPS(t)
	dir := t.TempDir()
	for name, content := range map[string]string{"short": "hunter2\n", "empty": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "public"), []byte(good), 0o644); err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, want := range map[string]string{
		"missing": "stat " + at("missing") + ": no such file or directory; put the passphrase where the config says it is",
		"public":  "others have access to a secret file: " + at("public") + " has mode 0644; run: chmod 0600 " + at("public"),
		"short":   "a passphrase has 15 characters to 1024 bytes; give the right one; a new one must be longer, such as six random words",
		"empty":   at("empty") + " is empty",
	} {
		k := kekOver(t, configured(t, at("keyring.hcl"), "passphrase_file", name))
		_, wrapErr := k.Wrap(t.Context(), []byte("x"), nil)
		for op, err := range map[string]error{"wrap": wrapErr, "check": k.Check(t.Context())} {
			if err == nil || err.Error() != "wrappers: "+op+" with passphrase: "+want || wrappers.ClassOf(err) != wrappers.Ask {
				t.Errorf("got (%v) %v\nwant %s", wrappers.ClassOf(err), err, want)
			}
		}
	}
}

// TestOldBlobOpens holds the layout and the derivation: keystores with them are out there.
func TestOldBlobOpens(t *testing.T) {
	notUnderFIPS(t)
	blob, err := base64.StdEncoding.DecodeString("8hWOsytYxMpkfXXiz7/6/ABAAQF/XsyNjpmD/I5nFDfII6DsFb6Kp42KHFHBeIi8vDR4NkplEp9WHBp4beFZaiLAKuY=")
	if err != nil {
		t.Fatal(err)
	}
	got, err := newTest(t, good).Decrypt(t.Context(), &wrapping.BlobInfo{Ciphertext: blob}, wrapping.WithAad([]byte("aad")))
	if err != nil || string(got) != "the root" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestOneDerivationForWrapAndReadBack(t *testing.T) {
	notUnderFIPS(t)
	w := newTest(t, good)
	k := kekOver(t, w)
	for range 3 {
		if _, err := k.Wrap(t.Context(), []byte("x"), nil); err != nil {
			t.Fatal(err)
		}
	}
	if w.keys.next != 1 {
		t.Errorf("Argon2id ran %d times, want once", w.keys.next)
	}
}

func TestCloseDoesNotWait(t *testing.T) {
	notUnderFIPS(t)
	asked, answer := make(chan struct{}), make(chan struct{})
	var typed secret.Bytes
	w, err := newWrapper(fromFile(func() (secret.Bytes, error) {
		close(asked)
		<-answer
		typed = secret.Copy([]byte(good))
		return typed, nil
	}), cheap)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := w.Encrypt(t.Context(), []byte("x"))
		done <- err
	}()
	<-asked
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	close(answer)
	if err := <-done; err != nil {
		t.Errorf("the call that was at work: %v", err)
	}
	if w.wipe(); typed.Len() != 0 {
		t.Error("the passphrase was not cleared after Close")
	}
	if _, err := w.Encrypt(t.Context(), []byte("x")); !errors.Is(err, errClosed) {
		t.Errorf("got %v, want errClosed", err)
	}
}

func TestWaitingForAnotherCallHasADeadline(t *testing.T) {
	notUnderFIPS(t)
	w := newTest(t, good)
	<-w.lock // as while somebody is asked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Encrypt(ctx, []byte("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := w.Decrypt(ctx, &wrapping.BlobInfo{Ciphertext: minimal(costs{64, 1, 1})}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// minimal is the shortest ciphertext, whatever it holds.
func minimal(c costs) []byte {
	return append(appendHeader(nil, make([]byte, saltSize), c), make([]byte, overhead-headerSize+1)...)
}

func TestDecryptWithoutAKEK(t *testing.T) {
	notUnderFIPS(t)
	w := newTest(t, good)
	for _, info := range []*wrapping.BlobInfo{nil, {}, {Ciphertext: make([]byte, 5)}, {Ciphertext: minimal(costs{1 << 15, 1, 1})}} {
		if _, err := w.Decrypt(t.Context(), info); !errors.Is(err, wrappers.ErrMalformed) {
			t.Errorf("%v: got %v", info, err)
		}
	}
	if _, err := w.SetConfig(t.Context()); !errors.Is(err, wrapping.ErrFunctionNotImplemented) {
		t.Errorf("got %v", err)
	}
	if !bytes.Equal(w.salt, nil) {
		t.Error("a salt was made without a wrap")
	}
}
