package together

import (
	"context"
	"path/filepath"
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/internal/e2e/awsserver"
	"github.com/sealwax/sealwax/internal/e2e/azureserver"
	"github.com/sealwax/sealwax/internal/e2e/gcpserver"
	"github.com/sealwax/sealwax/internal/e2e/vaultserver"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/awskms"
	"github.com/sealwax/sealwax/wrappers/azurekeyvault"
	"github.com/sealwax/sealwax/wrappers/gcpckms"
	"github.com/sealwax/sealwax/wrappers/transit"
)

// everybody are the providers of a site, in the order of its config.
var everybody = []string{awskms.Provider, gcpckms.Provider, azurekeyvault.Provider, transit.Provider}

// site is a key at each provider, and what to configure for it.
type site struct {
	engines map[string]engine
}

// engine is what these tests want of a provider's server.
type engine struct {
	make    func(t testing.TB) wrapping.Wrapper
	hang    func()
	fail    func()
	restore func()
	calls   func() int // encryptions and decryptions
}

func start(t testing.TB) *site {
	t.Helper()
	return &site{map[string]engine{
		awskms.Provider:        startAWS(t),
		gcpckms.Provider:       startGCP(t),
		azurekeyvault.Provider: startAzure(t),
		transit.Provider:       startVault(t),
	}}
}

const many = 1 << 30 // calls that fail

func startAWS(t testing.TB) engine {
	const account, region = "111122223333", "eu-central-1"
	s := awsserver.New(nil)
	t.Cleanup(s.Close)
	login := s.NewCredentials(account)
	config := awskms.Config{
		KeyID: s.CreateKey(account, region), Region: region, Endpoint: s.URL,
		AccessKey: given(login.AccessKeyID), SecretKey: given(login.SecretAccessKey), SessionToken: given(login.SessionToken),
	}
	return engine{
		make:    maker(awskms.New, config),
		hang:    func() { s.Hang() },
		fail:    func() { s.Fail(many) },
		restore: s.Restore,
		calls:   func() int { return s.Count("Encrypt", "Decrypt") },
	}
}

func startGCP(t testing.TB) engine {
	const project = "sealwax-test"
	s := gcpserver.Start(t, proxy)
	s.CreateKey(t, gcpserver.KeyName(project, "app"))
	account := s.NewAccount(t, project, filepath.Join(t.TempDir(), "account.json"))
	config := gcpckms.Config{Credentials: account.File, Project: project, Region: "europe-west1", KeyRing: "sealwax", CryptoKey: "app"}
	return engine{
		make:    maker(gcpckms.New, config),
		hang:    s.Silence,
		fail:    func() { s.Fail(many) },
		restore: s.Restore,
		calls:   func() int { return s.Count("encrypt", "decrypt") },
	}
}

func startAzure(t testing.TB) engine {
	const secret = "8Q~test-secret-of-an-application-1"
	certificate, err := proxy.Authority.Certificate(azureserver.Hosts...)
	if err != nil {
		t.Fatal(err)
	}
	s := azureserver.Start(t, certificate)
	for _, host := range azureserver.Hosts {
		proxy.Route(host+":443", s.Address)
	}
	s.AddKey(t, "prod", "app")
	s.SetSecret(secret)
	config := azurekeyvault.Config{
		TenantID: azureserver.Tenant, ClientID: azureserver.Client, ClientSecret: given(secret), VaultName: "prod", KeyName: "app",
	}
	return engine{
		make:    maker(azurekeyvault.New, config),
		hang:    func() { s.Hang() },
		fail:    func() { s.Fail(many) },
		restore: s.Restore,
		calls:   func() int { return s.Count("wrapkey") + s.Count("unwrapkey") },
	}
}

func startVault(t testing.TB) engine {
	s := vaultserver.Start(t)
	s.Admin(t, "keys/app", nil)
	config := transit.Config{Address: s.URL, MountPath: vaultserver.Mount, KeyName: "app", Token: given(s.Token()), DisableRenewal: true}
	return engine{
		make:    maker(transit.New, config),
		hang:    func() { s.Hang() },
		fail:    func() { s.Fail(many) },
		restore: s.Restore,
		calls:   func() int { return s.Count("encrypt") + s.Count("decrypt") },
	}
}

func given(secret string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(secret), nil }
}

// maker returns a function that makes a wrapper of a config.
func maker[C any, W wrapping.Wrapper](of func(C) (W, error), config C) func(testing.TB) wrapping.Wrapper {
	return func(t testing.TB) wrapping.Wrapper {
		t.Helper()
		w, err := of(config)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
}

// keks returns new KEKs at these providers, as after a restart. They do not retry, so that calls can be counted.
func (s *site) keks(t testing.TB, group string, providers ...string) []*wrappers.KEK {
	t.Helper()
	var keks []*wrappers.KEK
	for _, p := range providers {
		k, err := wrappers.New(s.engines[p].make(t), &wrappers.Options{Provider: p, Group: group, Attempts: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { k.Close() })
		keks = append(keks, k)
	}
	return keks
}

// calls returns how many calls each provider gets while f runs.
func (s *site) calls(f func()) map[string]int {
	counts := make(map[string]int)
	for p, e := range s.engines {
		counts[p] = -e.calls()
	}
	f()
	for p, e := range s.engines {
		if counts[p] += e.calls(); counts[p] == 0 {
			delete(counts, p)
		}
	}
	return counts
}

// configured is a keystore in memory, with what a config would know of it.
type configured struct {
	store   *keystore.Memory
	options keyring.Options
}

func newKeystore(groups map[string]int) *configured {
	return &configured{keystore.NewMemory(), keyring.Options{
		Cluster: "prod", Region: "emea", RefreshInterval: -1, PayInterval: -1, Groups: groups,
	}}
}

// create makes the keystore and pins it.
func (k *configured) create(t testing.TB, keks []*wrappers.KEK) *keyring.Ring {
	t.Helper()
	r, err := keyring.Create(context.Background(), k.store, keks, &k.options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	k.options.Identity = r.Seen().Identity
	return r
}

func (k *configured) load(t testing.TB, keks []*wrappers.KEK) *keyring.Ring {
	t.Helper()
	r, err := keyring.Load(t.Context(), k.store, keks, &k.options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}
