package azurekeyvault

import (
	"crypto/tls"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/azureserver"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/azurekeyvault"
)

// What the tests of all providers say.
var (
	wrap      = kektest.Wrap
	wantOpen  = kektest.WantOpen
	wantError = kektest.WantError
	wantCalls = kektest.WantCalls
)

type calls = kektest.Calls

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
	return furnished(t, azureserver.Start(t, certificate(t)))
}

func furnished(t testing.TB, s *azureserver.Server) *azureserver.Server {
	t.Helper()
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
	return kektest.Make(t, azurekeyvault.New, c)
}

func newKEK(t testing.TB, c azurekeyvault.Config) *wrappers.KEK {
	t.Helper()
	return kektest.New(t, newWrapper(t, c))
}
