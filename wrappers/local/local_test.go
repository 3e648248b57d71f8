package local

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/wrappertest"
)

var testKey = bytes.Repeat([]byte{7}, 32)

func TestConformance(t *testing.T) {
	with := func(key []byte) func(*testing.T) wrapping.Wrapper {
		return func(t *testing.T) wrapping.Wrapper { return newWrapper(t, key) }
	}
	wrappertest.Run(t, wrappertest.Harness{
		New:      with(testKey),
		WrongKey: with(bytes.Repeat([]byte{8}, 32)),
		Secrets:  []string{string(testKey), hex.EncodeToString(testKey), base64.StdEncoding.EncodeToString(testKey)},
	})
}

func newWrapper(t *testing.T, key []byte) *Wrapper {
	t.Helper()
	w, err := New(key)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// configured returns a KEK from a block in a config file in dir.
func configured(t *testing.T, dir string, items ...wrappers.Setting) (*wrappers.KEK, error) {
	t.Helper()
	for i := range items {
		items[i].File, items[i].Line = filepath.Join(dir, "keyring.hcl"), 2+i
	}
	w, err := Configure(t.Context(), wrappers.NewSettings("aead", items).At(filepath.Join(dir, "keyring.hcl"), 1))
	if err != nil {
		return nil, err
	}
	k, err := wrappers.New(w, &wrappers.Options{Provider: Provider})
	if err != nil {
		t.Fatal(err)
	}
	return k, nil
}

func setting(name, value string) wrappers.Setting { return wrappers.Setting{Name: name, Value: value} }

func TestKeyFromEachSource(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "kek.key")
	if err := GenerateKeyFile(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TEST_KEK", strings.TrimSuffix(string(text), "\n"))
	t.Setenv("CREDENTIALS_DIRECTORY", dir)

	fromFile, err := FromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first, err := wrappers.New(fromFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := first.Wrap(t.Context(), []byte("the root"), []byte("aad"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []wrappers.Setting{setting("key_file", "kek.key"), setting("key_env", "TEST_KEK"), setting("credential", "kek.key")} {
		k, err := configured(t, dir, s)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Check(t.Context()); err != nil {
			t.Errorf("%s: Check: %v", s.Name, err)
		}
		if got, err := k.Unwrap(t.Context(), wrapped, []byte("aad")); err != nil || string(got) != "the root" {
			t.Errorf("%s: got %q, %v", s.Name, got, err)
		}
	}
}

func TestSettings(t *testing.T) {
	for _, c := range []struct {
		items []wrappers.Setting
		want  string
	}{
		{nil, ":1: keyring aead: key_file: give exactly one of key_file, key_env and credential"},
		{[]wrappers.Setting{setting("key_env", "A"), setting("key_file", "b")}, ":3: keyring aead: key_file: give exactly one of key_file, key_env and credential"},
		{[]wrappers.Setting{{Name: "key_file", Value: int64(3)}}, ":2: keyring aead: key_file: must be a string, is a number"},
		{[]wrappers.Setting{setting("key_env", "")}, ":2: keyring aead: key_env: is empty; leave it out to have it unset"},
		{[]wrappers.Setting{setting("key_env", "A"), setting("key", "b")}, ":3: keyring aead: key: unknown setting; it could be credential, key_env, key_file"},
	} {
		_, err := configured(t, "", c.items...)
		if err == nil || err.Error() != "keyring.hcl"+c.want {
			t.Errorf("got  %v\nwant keyring.hcl%s", err, c.want)
		}
	}
}

func TestKeyThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string, mode fs.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := string(encode(testKey).Expose())
	public, garbage := write("public.key", good, 0o644), write("garbage.key", "hunter2hunter2hunter2hunter2hunt", 0o600)
	t.Setenv("NO_KEK", "")
	for _, c := range []struct {
		s    wrappers.Setting
		want string
	}{
		{setting("key_file", "missing.key"), "stat " + filepath.Join(dir, "missing.key") + ": no such file or directory; put the key where the config says it is"},
		{setting("key_file", public), "others have access to a secret file: " + public + " has mode 0644; run: chmod 0600 " + public},
		{setting("key_file", garbage), "not a key: want one line, sealwax-kek-v1: and 32 bytes in base64; put the right key where the config says it is"},
		{setting("key_env", "NO_KEK"), "the environment variable NO_KEK is empty or not set: file does not exist; put the key where the config says it is"},
	} {
		k, err := configured(t, dir, c.s)
		if err != nil {
			t.Errorf("Configure must not look at the key: %v", err)
			continue
		}
		_, wrapErr := k.Wrap(t.Context(), []byte("x"), nil)
		for op, err := range map[string]error{"check": k.Check(t.Context()), "wrap": wrapErr} {
			if want := "wrappers: " + op + " with aead: " + c.want; err == nil || err.Error() != want || wrappers.ClassOf(err) != wrappers.Ask {
				t.Errorf("got (%v) %v\nwant (ask the operator) %s", wrappers.ClassOf(err), err, want)
			}
		}
	}
}

func TestKeyIsReadOnceItIsThere(t *testing.T) {
	dir := t.TempDir()
	k, err := configured(t, dir, setting("key_file", "kek.key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Check(t.Context()); err == nil {
		t.Fatal("Check passed without a key")
	}
	if err := GenerateKeyFile(filepath.Join(dir, "kek.key")); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Wrap(t.Context(), []byte("x"), nil); err != nil {
		t.Errorf("after the key came: %v", err)
	}
}

func TestWrongKeyIsNamed(t *testing.T) {
	k, err := wrappers.New(newWrapper(t, testKey), nil)
	if err != nil {
		t.Fatal(err)
	}
	w, err := k.Wrap(t.Context(), []byte("x"), nil)
	if err != nil {
		t.Fatal(err)
	}
	other, err := wrappers.New(newWrapper(t, bytes.Repeat([]byte{8}, 32)), nil)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		w.KeyID: "wrappers: unwrap with aead (key kek-6983afa1b8a435ab): wrapped under another key; the one here is kek-d84bf2c74bea6d01",
		"":      "wrappers: unwrap with aead: it does not say under which key it was wrapped",
	} {
		claims := *w
		claims.KeyID = id
		if _, err := other.Unwrap(t.Context(), &claims, nil); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// TestOldBlobOpens holds the derivation and the layout: keystores with them are out there.
func TestOldBlobOpens(t *testing.T) {
	blob, err := base64.StdEncoding.DecodeString("/ls+XiXkl/5OcdgVwxL/j+IhQNLzTa93nRLcfmNK9VnaHJv5zRzhZm8vwgDqDrLX")
	if err != nil {
		t.Fatal(err)
	}
	w := newWrapper(t, testKey)
	got, err := w.Decrypt(t.Context(), &wrapping.BlobInfo{Ciphertext: blob, KeyInfo: &wrapping.KeyInfo{KeyId: "kek-6983afa1b8a435ab"}}, wrapping.WithAad([]byte("aad")))
	if err != nil || string(got) != "the root" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestNewNeeds32Bytes(t *testing.T) {
	for _, n := range []int{0, 16, 31, 33} {
		if _, err := New(make([]byte, n)); err == nil || !strings.HasPrefix(err.Error(), "local: key of ") {
			t.Errorf("%d bytes: got %v", n, err)
		}
	}
}

func TestClosedWrapper(t *testing.T) {
	w := newWrapper(t, testKey)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Encrypt(t.Context(), []byte("x")); !errors.Is(err, errClosed) {
		t.Errorf("got %v", err)
	}
}

func TestSetConfigIsRefused(t *testing.T) {
	if _, err := newWrapper(t, testKey).SetConfig(t.Context()); !errors.Is(err, wrapping.ErrFunctionNotImplemented) {
		t.Errorf("got %v", err)
	}
}
