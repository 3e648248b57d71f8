// Package gcpserver serves a Cloud KMS of our own on loopback, for tests: gRPC for Google's libraries, REST for gcloud,
// and the token endpoint that both log in at, all over TLS under the names that Google's have.
//
// It is a fake, written from the service's definition (kmspb, iampb), its documentation and error texts that people have
// reported. What it does for real: AES-256-GCM with the additional authenticated data bound, CRC32C checksums in both
// directions, versions with states, and bearer tokens, whose signature, age, scope or audience it verifies against the public
// keys of the accounts that it made. Every operation is counted and can be disturbed.
package gcpserver

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"cloud.google.com/go/iam/apiv1/iampb"
	"cloud.google.com/go/kms/apiv1/kmspb"
	"google.golang.org/grpc"

	"github.com/sealwax/sealwax/internal/e2e/tlsproxy"
)

// Where clients find the service and the token endpoint.
const (
	Host      = "cloudkms.googleapis.com"
	TokenHost = "oauth2.googleapis.com"
)

// Server is a running server. Its methods may be called concurrently with requests.
type Server struct {
	kmspb.UnimplementedKeyManagementServiceServer
	iampb.UnimplementedIAMPolicyServer

	proxy *tlsproxy.Proxy
	http  *httptest.Server
	grpc  *grpc.Server

	mu      sync.Mutex
	keys    map[string]*key    // by resource name
	signers map[string]*signer // by key ID
	tokens  map[string]string  // access tokens of the token endpoint, and whose they are
	refresh map[string]string  // refresh tokens, and whose they are
	counts  map[string]int
	agents  map[string]bool // the user agents that were seen
	fault   fault
	damage  string
	revoked map[string]bool // permissions that nobody has
	quiet   chan struct{}   // while the token endpoint is silent; closed by Restore
	page    int             // the status of the page that a proxy answers gRPC with; 0 for none
}

// Start starts a server without keys and accounts, and has proxy bring its hosts to it. It is closed when t ends.
func Start(t testing.TB, proxy *tlsproxy.Proxy) *Server {
	t.Helper()
	s := &Server{
		proxy:   proxy,
		keys:    map[string]*key{},
		signers: map[string]*signer{},
		tokens:  map[string]string{},
		refresh: map[string]string{},
		counts:  map[string]int{},
		agents:  map[string]bool{},
		revoked: map[string]bool{},
	}
	s.grpc = grpc.NewServer(grpc.UnaryInterceptor(s.intercept))
	kmspb.RegisterKeyManagementServiceServer(s.grpc, s)
	iampb.RegisterIAMPolicyServer(s.grpc, s)

	cert, err := proxy.Authority.Certificate(Host, TokenHost)
	if err != nil {
		t.Fatal(err)
	}
	s.http = listen(cert, s)
	t.Cleanup(s.close)
	s.Trust()
	return s
}

// listen serves h over TLS, HTTP/2 included.
func listen(cert tls.Certificate, h http.Handler) *httptest.Server {
	server := httptest.NewUnstartedServer(h)
	server.EnableHTTP2 = true
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what a test wants
	server.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, c)
	}
	server.StartTLS()
	return server
}

// connKey is where a request's context has its connection, which Cut breaks.
type connKey struct{}

func (s *Server) close() {
	s.Restore()
	s.proxy.Route(Host+":443", "")
	s.proxy.Route(TokenHost+":443", "")
	s.http.CloseClientConnections()
	s.http.Close()
	s.grpc.Stop()
}

// Trust brings new connections for the service to this server, after Distrust or another route.
func (s *Server) Trust() {
	address := s.http.Listener.Addr().String()
	s.proxy.Route(Host+":443", address)
	s.proxy.Route(TokenHost+":443", address)
}

// Distrust has new connections meet a certificate of an authority that nobody knows.
func (s *Server) Distrust(t testing.TB) {
	t.Helper()
	stranger, err := tlsproxy.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := stranger.Certificate(Host)
	if err != nil {
		t.Fatal(err)
	}
	other := listen(cert, s)
	t.Cleanup(other.Close)
	s.proxy.Route(Host+":443", other.Listener.Addr().String())
}

// Connections returns how many connections to the service were opened so far.
func (s *Server) Connections() int { return s.proxy.Connections(Host + ":443") }

// Count returns how many requests of these operations have arrived, refused ones included: "encrypt", "decrypt", "get",
// "permissions", "token". Without an operation it counts them all.
func (s *Server) Count(operations ...string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	total := 0
	for operation, n := range s.counts {
		if len(operations) == 0 || slices.Contains(operations, operation) {
			total += n
		}
	}
	return total
}

// SawAgent reports whether a client has called itself so.
func (s *Server) SawAgent(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for agent := range s.agents {
		if strings.Contains(agent, text) {
			return true
		}
	}
	return false
}

// ServeHTTP answers gRPC and REST on one port, as Google does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.agents[r.UserAgent()] = true
	page := s.page
	s.mu.Unlock()
	switch {
	case page != 0 && r.Host != TokenHost:
		w.WriteHeader(page)
		fmt.Fprintf(w, "<html>\nYou asked: authorization: %s\n</html>", r.Header.Get("Authorization"))
	case r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc"):
		s.grpc.ServeHTTP(w, r)
	case r.Host == TokenHost && r.URL.Path == "/token":
		s.serveToken(w, r)
	default:
		s.serveREST(w, r)
	}
}
