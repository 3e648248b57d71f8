package azurekeyvault

import (
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/azureserver"
)

const (
	vaultHost = "prod.vault.azure.net:443"
	loginHost = azureserver.LoginHost + ":443"
)

func TestWhatEachCallCosts(t *testing.T) {
	s := start(t)
	k := newKEK(t, config())
	wantCalls(t, s, "New and Check", calls{}, func() {
		if err := k.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	w := wrap(t, k)
	wantCalls(t, s, "Wrap and its reading back", calls{"wrapkey": 1, "unwrapkey": 1}, func() { wrap(t, k) })
	wantCalls(t, s, "Unwrap", calls{"unwrapkey": 1}, func() { wantOpen(t, k, w) })

	vault, login := proxy.Connections(vaultHost), proxy.Connections(loginHost)
	next := newKEK(t, config())
	wantCalls(t, s, "the first Unwrap of a process", calls{"challenge": 1, "discovery": 2, "token": 1, "unwrapkey": 1}, func() { wantOpen(t, next, w) })
	wantCalls(t, s, "the next ones", calls{"unwrapkey": 10}, func() {
		for range 10 {
			wantOpen(t, next, w)
		}
	})
	if n := proxy.Connections(vaultHost) - vault; n != 1 {
		t.Errorf("12 requests opened %d connections to the vault, want 1", n)
	}
	if n := proxy.Connections(loginHost) - login; n != 0 {
		t.Errorf("a second login opened %d connections, want that of the first", n)
	}
}
