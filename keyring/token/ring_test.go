package token_test

import (
	"context"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/token"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

const (
	issuer   = "https://id.prod.example"
	audience = "db"
)

// now is the time of these tests, but for those that use the ring's own clock.
var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func fixed() time.Time { return now }

func kek(t testing.TB) []*wrappers.KEK {
	t.Helper()
	w, err := local.New([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	k, err := wrappers.New(w, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return []*wrappers.KEK{k}
}

// newRing returns a ring, at the time now, whose keys sign with these algorithms.
func newRing(t testing.TB, store keystore.Store, s keyring.Signing) *keyring.Ring {
	t.Helper()
	o := &keyring.Options{Cluster: "c", Region: "r", RefreshInterval: -1, Clock: fixed, Signing: s}
	r, err := keyring.Create(context.Background(), store, kek(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func ringOf(t testing.TB, algorithms ...string) *keyring.Ring {
	t.Helper()
	return newRing(t, keystore.NewMemory(), keyring.Signing{Algorithms: algorithms})
}

// claims are good for an hour.
func claims() *token.Claims {
	return &token.Claims{Subject: "emea:default:web", Audience: []string{audience}, Expiry: now.Add(time.Hour)}
}

func newMinter(t testing.TB, signer func() (*keyring.Signer, error)) *token.Minter {
	t.Helper()
	m, err := token.NewMinter(signer, issuer, &token.Options{Clock: fixed})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mint(t interface {
	Helper()
	Fatal(...any)
}, m *token.Minter, c *token.Claims) string {
	t.Helper()
	text, err := m.Mint(c)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func newVerifier(t testing.TB, keys token.Keys, o *token.Options) *token.Verifier {
	t.Helper()
	if o == nil {
		o = &token.Options{Clock: fixed}
	}
	v, err := token.NewVerifier(keys, issuer, audience, o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
