package gcpckms

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/gcpserver"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/gcpckms"
)

const (
	project = "sealwax-test"
	other   = "sealwax-other"
)

var key = gcpserver.KeyName(project, "app")

// What the tests of all providers say.
var (
	wrap      = kektest.Wrap
	wantOpen  = kektest.WantOpen
	wantError = kektest.WantError
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
	return kektest.Make(t, gcpckms.New, c)
}

func newKEK(t *testing.T, c gcpckms.Config) *wrappers.KEK {
	t.Helper()
	return kektest.New(t, newWrapper(t, c))
}

func wantNoSecret(t *testing.T, err error, secret string) {
	t.Helper()
	if strings.Contains(err.Error(), secret) {
		t.Error("the error shows a secret")
	}
}
