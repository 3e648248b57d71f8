package neterror_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sealwax/sealwax/internal/neterror"
)

// Each of these is what Go's own client says of a server that is there.
func TestKindOf(t *testing.T) {
	for name, c := range map[string]struct {
		want  neterror.Kind
		start func(s *httptest.Server) (url string)
		trust func(s *httptest.Server, c *tls.Config)
	}{
		"works":             {neterror.Other, startTLS, trust},
		"unknown authority": {neterror.UnknownAuthority, startTLS, nothing},
		"other name":        {neterror.OtherName, startTLS, func(s *httptest.Server, c *tls.Config) { trust(s, c); c.ServerName = "elsewhere.test" }},
		"expired": {neterror.InvalidCertificate, startTLS, func(s *httptest.Server, c *tls.Config) {
			trust(s, c)
			c.Time = func() time.Time { return s.Certificate().NotAfter.Add(time.Second) }
		}},
		"no TLS, another protocol": {neterror.NoTLS, startSSH, nothing},
		"no TLS, plain HTTP":       {neterror.NoTLS, func(s *httptest.Server) string { s.Start(); return "https" + s.URL[len("http"):] }, nothing},
		"a client certificate is wanted": {neterror.RefusedTLS, func(s *httptest.Server) string {
			s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12} // or the request may cross the refusal
			return startTLS(s)
		}, trust},
		"the server has a trouble of its own": {neterror.Other, func(s *httptest.Server) string {
			s.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, errors.New("not now") }}
			return startTLS(s)
		}, trust},
		"refused": {neterror.Other, func(s *httptest.Server) string { s.Start(); s.Close(); return s.URL }, nothing},
		"cut":     {neterror.Other, func(s *httptest.Server) string { s.Config.Handler = http.HandlerFunc(cut); return startTLS(s) }, trust},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewUnstartedServer(http.NotFoundHandler())
			s.Config.ErrorLog = log.New(io.Discard, "", 0)
			url := c.start(s)
			defer s.Close()
			transport := &http.Transport{TLSClientConfig: new(tls.Config)}
			c.trust(s, transport.TLSClientConfig)
			defer transport.CloseIdleConnections()
			resp, err := (&http.Client{Transport: transport}).Get(url)
			if (err == nil) != (name == "works") {
				t.Fatalf("got error %v", err)
			}
			if err == nil {
				resp.Body.Close()
			}
			if got := neterror.KindOf(fmt.Errorf("call: %w", err)); got != c.want {
				t.Errorf("%v: got kind %d, want %d", err, got, c.want)
			}
		})
	}
}

func startTLS(s *httptest.Server) string { s.StartTLS(); return s.URL }

// startSSH has the server's listener greet as another protocol does.
func startSSH(s *httptest.Server) string {
	go func() {
		if c, err := s.Listener.Accept(); err == nil {
			io.WriteString(c, "SSH-2.0-OpenSSH_9.2\r\n")
			io.Copy(io.Discard, c)
			c.Close()
		}
	}()
	return "https://" + s.Listener.Addr().String()
}

func nothing(*httptest.Server, *tls.Config) {}

func trust(s *httptest.Server, c *tls.Config) {
	c.RootCAs = x509.NewCertPool()
	c.RootCAs.AddCert(s.Certificate())
}

func cut(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// What a resolver says depends on the machine, so its words are made here. One that does not answer is not one that says no.
func TestKindOfDNS(t *testing.T) {
	for _, c := range []struct {
		err  error
		want neterror.Kind
	}{
		{&net.DNSError{Err: "no such host", Name: "vault.test", IsNotFound: true}, neterror.UnknownHost},
		{&net.DNSError{Err: "server misbehaving", Name: "vault.test", IsTemporary: true}, neterror.Other},
		{&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{IsNotFound: true}}, neterror.UnknownHost},
		{context.DeadlineExceeded, neterror.Other},
		{errors.New("no such host"), neterror.Other},
		{nil, neterror.Other},
	} {
		if got := neterror.KindOf(c.err); got != c.want {
			t.Errorf("%v: got kind %d, want %d", c.err, got, c.want)
		}
	}
}
