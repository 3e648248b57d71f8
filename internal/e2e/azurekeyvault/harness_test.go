package azurekeyvault

import (
	"bytes"
	"crypto/tls"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/azureserver"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/azurekeyvault"
)

const secret = "8Q~test-secret-of-an-application-1"

// route brings every name of Azure to a server.
func route(address string) {
	for _, host := range azureserver.Hosts {
		proxy.Route(host+":443", address)
	}
}

// start starts a server that has a vault "prod" with the keys "app" and "other", and a vault "stage" with a key "app".
func start(t testing.TB) *azureserver.Server {
	t.Helper()
	s := azureserver.Start(t, certificate(t))
	for _, key := range []string{"app", "other"} {
		s.AddKey(t, "prod", key)
	}
	s.AddKey(t, "stage", "app")
	s.SetSecret(secret)
	route(s.Address)
	return s
}

func certificate(t testing.TB) tls.Certificate {
	t.Helper()
	c, err := proxy.Authority.Certificate(azureserver.Hosts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func config() azurekeyvault.Config {
	return azurekeyvault.Config{
		TenantID:     azureserver.Tenant,
		ClientID:     azureserver.Client,
		ClientSecret: func() ([]byte, error) { return []byte(secret), nil },
		VaultName:    "prod",
		KeyName:      "app",
	}
}

func newWrapper(t testing.TB, c azurekeyvault.Config) *azurekeyvault.Wrapper {
	t.Helper()
	w, err := azurekeyvault.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// newKEK returns a KEK that does not retry, so that its calls can be counted.
func newKEK(t testing.TB, c azurekeyvault.Config) *wrappers.KEK {
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

var (
	root = bytes.Repeat([]byte("r"), 32)
	aad  = []byte("sealwax/v1 keystore=K root=R")
)

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

// calls are requests by operation.
type calls = map[string]int

// wantCalls wants f to cause exactly these requests.
func wantCalls(t testing.TB, s *azureserver.Server, what string, want calls, f func()) {
	t.Helper()
	before := s.Counts()
	f()
	got := calls{}
	for op, n := range s.Counts() {
		if n > before[op] {
			got[op] = n - before[op]
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("%s: got requests %v, want %v", what, got, want)
	}
}
