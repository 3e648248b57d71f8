package transit

import (
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/internal/e2e/vaultserver"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/transit"
)

var (
	root, aad = kektest.Root, kektest.AAD
	wrap      = kektest.Wrap
	wantOpen  = kektest.WantOpen
	wantError = kektest.WantError
	waitFor   = kektest.WaitFor
	wantCalls = kektest.WantCalls
)

type calls = kektest.Calls

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
	return kektest.Make(t, transit.New, c)
}

// newKEK returns a KEK that does not retry.
func newKEK(t testing.TB, c transit.Config) *wrappers.KEK {
	t.Helper()
	return kektest.New(t, newWrapper(t, c))
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
