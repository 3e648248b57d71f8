// Package e2e tests providers, rings over them and the command against the real thing behind them: Vault's own Transit
// engine, which counts its calls.
package e2e

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/vaultserver"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/transit"
)

var (
	root = bytes.Repeat([]byte("r"), 32)
	aad  = []byte("sealwax/v1 keystore=K root=R")
)

// start starts a server that has a key "app".
func start(t testing.TB) *vaultserver.Server {
	s := vaultserver.Start(t)
	s.Admin(t, "keys/app", nil)
	return s
}

func config(s *vaultserver.Server) transit.Config {
	return transit.Config{
		Address:        s.URL,
		MountPath:      vaultserver.Mount + "/",
		KeyName:        "app",
		Token:          func() ([]byte, error) { return []byte(s.Token()), nil },
		DisableRenewal: true,
	}
}

func newWrapper(t testing.TB, c transit.Config) *transit.Wrapper {
	t.Helper()
	w, err := transit.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// newKEK returns a KEK that does not retry, so that its calls can be counted.
func newKEK(t testing.TB, c transit.Config) *wrappers.KEK {
	t.Helper()
	k, err := wrappers.New(newWrapper(t, c), &wrappers.Options{Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return k
}

func wrap(t testing.TB, k *wrappers.KEK) *wrappers.Wrapped {
	t.Helper()
	w, err := k.Wrap(t.Context(), root, aad)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func wantOpen(t testing.TB, k *wrappers.KEK, w *wrappers.Wrapped) {
	t.Helper()
	got, err := k.Unwrap(t.Context(), w, aad)
	if err != nil || !bytes.Equal(got, root) {
		t.Fatalf("Unwrap: got %d bytes, %v", len(got), err)
	}
}

// wantError wants an error of a class that has all these texts.
func wantError(t testing.TB, err error, class wrappers.Class, texts ...string) {
	t.Helper()
	e, ok := errors.AsType[*wrappers.Error](err)
	if !ok || e.Class != class {
		t.Fatalf("got error %v, want one of class %q", err, class)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("got error %q, want %q in it", err, text)
		}
	}
}

// configure returns a KEK and its settings as a config file would make them.
func configure(t *testing.T, settings ...wrappers.Setting) (*wrappers.KEK, *wrappers.Settings) {
	t.Helper()
	s := wrappers.NewSettings("transit", settings)
	w, err := transit.Configure(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	k, err := wrappers.New(w, &wrappers.Options{Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k, s
}

func set(name string, value any) wrappers.Setting {
	return wrappers.Setting{Name: name, Value: value, File: "keyring.hcl", Line: 1}
}
