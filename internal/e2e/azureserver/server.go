// Package azureserver serves Azure Key Vault and the login of Microsoft Entra ID on a loopback port, for tests.
//
// It speaks what their documentation says: OAuth's client credentials, with a secret or a workload's assertion; the vault's
// challenge; keys with versions, RSA-OAEP-256 with real RSA keys, soft delete, roles, and errors in the form and words of
// the real ones. The official JavaScript SDK and the az command accept it, which the tests beside show. It is not Azure:
// of what Azure does beyond its documentation it knows nothing.
package azureserver

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/sealwax/sealwax/internal/e2e/front"
)

// Hosts are the names that a server answers to, for its certificate and its routes.
var Hosts = []string{LoginHost, "*" + vaultDomain, managementHost}

// The names of the real ones. Vaults are behind *.vault.azure.net.
const (
	LoginHost      = "login.microsoftonline.com"
	vaultDomain    = ".vault.azure.net"
	managementHost = "management.azure.com"
)

// Whom the server knows.
const (
	Tenant = "72f988bf-0000-4000-8000-2d7cd011db47"
	Client = "b7a3c1d2-0000-4000-8000-5e8f9a0b1c2d" // the application
	object = "5f1d3c2b-0000-4000-8000-000000000001" // and its principal
)

// Server is a running server. Its methods may be called concurrently with requests.
//
// It counts "token" and "discovery" at the login; "challenge" for a request without a token, "get", "wrapkey", "unwrapkey",
// "decrypt" and so on at the vaults. The end of a fault brings back no key, secret or right: what took it away does.
type Server struct {
	front.Faults
	Address string // HOST:PORT of the listener, which speaks TLS

	http *httptest.Server

	mu         sync.Mutex
	secrets    map[string]bool // of the application; false has expired
	assertions map[string]bool // of its workload
	tokens     map[string]token
	vaults     map[string]*vault
}

// Start starts a server whose certificate is for Hosts, or for whatever the test wants. It speaks HTTP/1.1. It is closed when
// t ends.
func Start(t testing.TB, certificate tls.Certificate) *Server {
	t.Helper()
	return start(t, certificate, func(*httptest.Server) {})
}

// StartHTTP2 is Start with a server that speaks HTTP/2 too.
func StartHTTP2(t testing.TB, certificate tls.Certificate) *Server {
	t.Helper()
	return start(t, certificate, func(h *httptest.Server) { h.EnableHTTP2 = true })
}

func start(t testing.TB, certificate tls.Certificate, prepare func(*httptest.Server)) *Server {
	t.Helper()
	s := &Server{
		secrets:    map[string]bool{},
		assertions: map[string]bool{},
		tokens:     map[string]token{},
		vaults:     map[string]*vault{},
	}
	s.http = httptest.NewUnstartedServer(s)
	s.http.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	prepare(s.http)
	s.http.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what a test wants
	s.http.StartTLS()
	s.Address = s.http.Listener.Addr().String()
	t.Cleanup(s.close)
	return s
}

func (s *Server) close() {
	s.Restore()
	s.http.CloseClientConnections()
	s.http.Close()
}

// ServeHTTP answers as the host that is asked for.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, _, _ := strings.Cut(strings.ToLower(r.Host), ":")
	name, isVault := strings.CutSuffix(host, vaultDomain)
	switch {
	case host == LoginHost:
		s.serveLogin(w, r)
	case host == managementHost:
		answer(w, http.StatusOK, map[string]any{"value": []any{}}) // no subscriptions, which az asks for when it logs in
	case isVault:
		s.serveVault(w, r, name)
	default:
		http.Error(w, "azureserver: nobody of that name", http.StatusMisdirectedRequest)
	}
}
