package azurekeyvault

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sealwax/sealwax/internal/e2e/azureserver"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/wrappers"
)

// The suite runs over HTTP/1.1, where a connection carries one request at a time. What is particular about connections is
// tried over HTTP/2 too.
func TestHTTP2(t *testing.T) {
	s := furnished(t, azureserver.StartHTTP2(t, certificate(t)))
	wrap(t, newKEK(t, config())) // makes the login's connection, which Azure's library keeps for 90 s
	before := goleak.IgnoreCurrent()
	filed := secret
	c := config()
	c.ClientSecret = func() ([]byte, error) { return []byte(filed), nil }
	k := newKEK(t, c)

	opened := proxy.Connections(vaultHost)
	w := wrap(t, k)
	for range 5 {
		wantOpen(t, k, w)
	}
	if n := proxy.Connections(vaultHost) - opened; n != 1 {
		t.Errorf("8 requests opened %d connections, want 1", n)
	}

	s.Hang("unwrapkey")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := k.Unwrap(ctx, w, kektest.AAD)
	wantError(t, err, wrappers.Later, "deadline exceeded")
	s.Restore()
	wantOpen(t, k, w)

	s.Cut(1)
	_, err = k.Unwrap(t.Context(), w, kektest.AAD)
	wantError(t, err, wrappers.Later, "unwrapkey: ", "check that https://prod.vault.azure.net")
	wantOpen(t, k, w)

	s.ExpireSecret(secret)
	_, err = k.Unwrap(t.Context(), w, kektest.AAD)
	wantError(t, err, wrappers.Ask, "AADSTS7000222")
	s.SetSecret(nextSecret)
	filed = nextSecret
	wantOpen(t, k, w)

	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	goleak.VerifyNone(t, append(ignoreServers, before, goleak.IgnoreAnyFunction("golang.org/x/net/http2.(*serverConn).serve"), goleak.IgnoreAnyFunction("net/http.(*http2serverConn).serve"))...)
}
