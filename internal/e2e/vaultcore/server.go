// Package vaultcore runs a whole Vault 1.13 on a loopback port, for tests: its core with barrier, seal, tokens, leases and
// policies, its storage in files, its own HTTP handlers, and TLS under an authority that nobody else trusts. It has the
// Transit engine and no other.
//
// Compiling the core takes minutes, so only the tests that need one may import this package; the engine alone is in
// package vaultserver.
package vaultcore

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/vault/builtin/logical/transit"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/internalshared/configutil"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/physical/file"
	"github.com/hashicorp/vault/vault"

	"github.com/sealwax/sealwax/internal/e2e/tlsproxy"
	"github.com/sealwax/sealwax/internal/e2e/vaultfront"
)

// Server is a Vault. Its methods are for one goroutine, which may send requests meanwhile.
type Server struct {
	URL       string
	Authority string            // the file of the authority that signed the server's certificate
	Front     *vaultfront.Front // what stands before the Vault that runs now

	folder    string // of the storage
	tls       *tls.Config
	unsealKey []byte
	rootToken string

	core    *vault.Core
	http    *http.Server
	address string // that http listens on
}

// Start starts a Vault that has been initialized and unsealed, with the Transit engine at transit/. It is stopped when t
// ends.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{folder: t.TempDir()}
	s.certify(t)
	s.run(t, "127.0.0.1:0")
	t.Cleanup(func() { s.Stop(t) })
	s.initialize(t)
	s.Unseal(t)
	s.Mount(t, "transit")
	return s
}

// certify gives the server a certificate for localhost.
func (s *Server) certify(t testing.TB) {
	t.Helper()
	authority, err := tlsproxy.NewAuthority()
	check(t, err)
	certificate, err := authority.Certificate("localhost")
	check(t, err)
	s.tls = &tls.Config{Certificates: []tls.Certificate{certificate}}
	s.Authority = filepath.Join(t.TempDir(), "authority.pem")
	check(t, os.WriteFile(s.Authority, authority.PEM(), 0o600))
}

// run makes a core over the storage and serves it. It is sealed.
func (s *Server) run(t testing.TB, address string) {
	t.Helper()
	storage, err := file.NewFileBackend(map[string]string{"path": s.folder}, hclog.NewNullLogger())
	check(t, err)
	s.core, err = vault.NewCore(&vault.CoreConfig{
		Physical:        storage,
		BuiltinRegistry: registry{},
		LogicalBackends: map[string]logical.Factory{"transit": transit.Factory},
		Logger:          hclog.NewNullLogger(),
		DisableMlock:    true,
	})
	check(t, err)
	s.Front = vaultfront.New(vaulthttp.Handler.Handler(&vault.HandlerProperties{Core: s.core, ListenerConfig: &configutil.Listener{}}))
	listener, err := tls.Listen("tcp", address, s.tls)
	check(t, err)
	s.address = listener.Addr().String()
	_, port, err := net.SplitHostPort(s.address)
	check(t, err)
	s.URL = "https://localhost:" + port
	s.http = &http.Server{
		Handler:  s.Front,
		ErrorLog: log.New(io.Discard, "", 0), // refused handshakes are what a test wants
	}
	go s.http.Serve(listener) // until Stop
}

func (s *Server) initialize(t testing.TB) {
	t.Helper()
	shares := &vault.SealConfig{SecretShares: 1, SecretThreshold: 1}
	made, err := s.core.Initialize(context.Background(), &vault.InitParams{BarrierConfig: shares, RecoveryConfig: shares})
	check(t, err)
	s.unsealKey, s.rootToken = made.SecretShares[0], made.RootToken
}

// Stop ends the Vault as a service manager does: connections break, and nobody listens.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if s.core == nil {
		return
	}
	s.Front.Restore()
	check(t, s.http.Close())
	check(t, s.core.ShutdownWait())
	s.core = nil
}

// Restart ends the Vault and starts another one over the same storage and under the same address. It is sealed, as any Vault
// is after its start.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.Stop(t)
	s.run(t, s.address)
}

// Seal seals the Vault.
func (s *Server) Seal(t testing.TB) {
	t.Helper()
	check(t, s.core.Seal(s.rootToken))
}

// Unseal unseals the Vault with its key.
func (s *Server) Unseal(t testing.TB) {
	t.Helper()
	unsealed, err := s.core.Unseal(append([]byte(nil), s.unsealKey...)) // which the core clears
	check(t, err)
	if !unsealed {
		t.Fatal("vaultcore: still sealed after its only key")
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("vaultcore: %v", err)
	}
}
