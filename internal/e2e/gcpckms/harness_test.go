package gcpckms

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/gcpserver"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/gcpckms"
)

const (
	project = "sealwax-test"
	other   = "sealwax-other"
)

var (
	root = bytes.Repeat([]byte("r"), 32)
	aad  = []byte("sealwax/v1 keystore=K root=R")
	key  = gcpserver.KeyName(project, "app")
)

// site is a server with a key "app", and an account that may use it.
type site struct {
	*gcpserver.Server
	account *gcpserver.Account
}

func start(t *testing.T) *site {
	t.Helper()
	s := gcpserver.Start(t, proxy)
	s.CreateKey(t, key)
	return &site{s, s.NewAccount(t, project, filepath.Join(t.TempDir(), "account.json"))}
}

func (s *site) config() gcpckms.Config {
	return gcpckms.Config{
		Credentials: s.account.File,
		Project:     project,
		Region:      "europe-west1",
		KeyRing:     "sealwax",
		CryptoKey:   "app",
	}
}

func newWrapper(t *testing.T, c gcpckms.Config) *gcpckms.Wrapper {
	t.Helper()
	w, err := gcpckms.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// newKEK returns a KEK that does not retry, so that its calls can be counted.
func newKEK(t *testing.T, c gcpckms.Config) *wrappers.KEK {
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

func wrap(t *testing.T, k *wrappers.KEK) *wrappers.Wrapped {
	t.Helper()
	w, err := k.Wrap(t.Context(), root, aad)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func wantOpen(t *testing.T, k *wrappers.KEK, w *wrappers.Wrapped) {
	t.Helper()
	got, err := k.Unwrap(t.Context(), w, aad)
	if err != nil || !bytes.Equal(got, root) {
		t.Fatalf("Unwrap: got %d bytes, %v", len(got), err)
	}
}

// wantError wants an error of a class that has all these texts.
func wantError(t *testing.T, err error, class wrappers.Class, texts ...string) {
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

func wantNoSecret(t *testing.T, err error, secret string) {
	t.Helper()
	if strings.Contains(err.Error(), secret) {
		t.Error("the error shows a secret")
	}
}
