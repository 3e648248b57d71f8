package gcpckms

import (
	"context"
	"net"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sealwax/sealwax/internal/e2e/gcpserver"
	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/gcpckms"
)

// Whoever is silent, a call ends with its deadline, and nothing of it is left once the KEK is closed. The one thing that the
// KEK cannot close is the library's connection to the token endpoint: net/http gives up its handshake after 10 s, and an idle
// one after 90 s. The test breaks it.
func TestSilenceAtEveryStep(t *testing.T) {
	s := start(t)
	w := wrap(t, newKEK(t, s.config()))
	person := s.config()
	person.Credentials = filepath.Join(t.TempDir(), "person.json")
	s.NewPerson(t, person.Credentials)
	for _, c := range []struct {
		name    string
		config  gcpckms.Config
		disturb func(deaf string)
	}{
		{"connection", s.config(), func(deaf string) { proxy.Route(gcpserver.Host+":443", deaf) }},
		{"token", person, func(string) { s.SilenceTokens() }},
		{"connection for the token", person, func(deaf string) { proxy.Route(gcpserver.TokenHost+":443", deaf) }},
		{"answer", s.config(), func(string) { s.Silence() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			k, err := wrappers.New(newWrapper(t, c.config), &wrappers.Options{Attempts: 1})
			if err != nil {
				t.Fatal(err)
			}
			deaf, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and does not answer them
			if err != nil {
				t.Fatal(err)
			}
			c.disturb(deaf.Addr().String())
			wantInTime(t, 300*time.Millisecond, func(ctx context.Context) {
				_, err := k.Unwrap(ctx, w, kektest.AAD)
				wantError(t, err, wrappers.Later, "deadline exceeded", "reached")
			})
			if err := k.Close(); err != nil {
				t.Fatal(err)
			}
			deaf.Close() // with what it has not accepted, for the proxy's sake
			proxy.Sever(gcpserver.TokenHost + ":443")
			s.Trust()
			s.Restore()
			goleak.VerifyNone(t, before)
		})
	}
}

// wantInTime runs f with a deadline and wants it to return at most a tenth late. A machine with other work may be late by
// itself, so f has three tries.
func wantInTime(t *testing.T, d time.Duration, f func(context.Context)) {
	t.Helper()
	var took time.Duration
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		began := time.Now()
		f(ctx)
		took = time.Since(began)
		cancel()
		if took <= d+d/10 {
			return
		}
	}
	t.Errorf("returned after %v, want %v", took, d)
}
