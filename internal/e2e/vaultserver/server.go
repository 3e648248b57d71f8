// Package vaultserver serves Vault's own Transit secrets engine on a loopback port, for tests.
//
// Keys, cryptography, error texts and status codes are those of Vault 1.13: requests go to the engine's code and answers
// through the functions that Vault's HTTP layer uses. Around it there is what a core of Vault would be: one token, whose
// policy allows "update" on everything below transit/ and not "create", and renew-self. A [vaultfront.Front] before it
// counts the requests and can disturb them; a seal, denials and rate limits are its doing.
package vaultserver

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-uuid"
	"github.com/hashicorp/vault/builtin/logical/transit"
	"github.com/hashicorp/vault/sdk/logical"

	"github.com/sealwax/sealwax/internal/e2e/vaultfront"
)

// Mount is where the engine is mounted.
const Mount = "transit"

// Server is a running server. Its methods may be called concurrently with requests.
type Server struct {
	*vaultfront.Front
	URL string

	http    *httptest.Server
	engine  logical.Backend
	storage logical.Storage

	mu    sync.Mutex
	token string
	lease int // seconds that a renewed token is good for, 0 for ever
}

// Start starts a server with an empty engine. It is closed when t ends.
func Start(t testing.TB) *Server {
	t.Helper()
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// StartTLS is Start with a certificate of an authority that nobody knows. It returns the file of that authority too.
func StartTLS(t testing.TB) (s *Server, authority string) {
	t.Helper()
	s, err := newServer((*httptest.Server).StartTLS)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	authority = filepath.Join(t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: s.http.Certificate().Raw}
	if err := os.WriteFile(authority, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	return s, authority
}

// New starts a server without a test around it. The caller calls Close.
func New() (*Server, error) { return newServer((*httptest.Server).Start) }

func newServer(start func(*httptest.Server)) (*Server, error) {
	s := &Server{storage: new(logical.InmemStorage)}
	s.Front = vaultfront.New(http.HandlerFunc(s.answer))
	engine, err := transit.Factory(context.Background(), &logical.BackendConfig{
		StorageView: s.storage,
		Logger:      hclog.NewNullLogger(),
		System:      &logical.StaticSystemView{},
		BackendUUID: "transit",
	})
	if err != nil {
		return nil, fmt.Errorf("vaultserver: start the engine: %w", err)
	}
	token, err := uuid.GenerateUUID()
	if err != nil {
		return nil, fmt.Errorf("vaultserver: make a token: %w", err)
	}
	s.engine, s.token = engine, "hvs."+token
	s.http = httptest.NewUnstartedServer(s.Front)
	s.http.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what a test wants
	start(s.http)
	s.URL = s.http.URL
	return s, nil
}

// Close ends all requests and the server.
func (s *Server) Close() {
	s.Restore()
	s.http.CloseClientConnections()
	s.http.Close()
	s.engine.Cleanup(context.Background())
}

// Admin sends a request to the engine as root, past token, faults and counters: Admin(t, "keys/app/rotate", nil).
func (s *Server) Admin(t testing.TB, path string, data map[string]any) {
	t.Helper()
	if err := s.Write(path, data); err != nil {
		t.Fatal(err)
	}
}

// Write is Admin without a test around it.
func (s *Server) Write(path string, data map[string]any) error {
	_, err := s.admin(logical.UpdateOperation, path, data)
	return err
}

// Read reads as root.
func (s *Server) Read(path string) (map[string]any, error) {
	return s.admin(logical.ReadOperation, path, nil)
}

// Delete deletes as root: Delete("keys/app"), once that key's config allows it.
func (s *Server) Delete(path string) error {
	_, err := s.admin(logical.DeleteOperation, path, nil)
	return err
}

func (s *Server) admin(operation logical.Operation, path string, data map[string]any) (map[string]any, error) {
	req := &logical.Request{Operation: operation, Path: path, Data: data, Storage: s.storage}
	resp, err := s.engine.HandleRequest(context.Background(), req)
	if _, err = logical.RespondErrorCommon(req, resp, err); err != nil {
		return nil, fmt.Errorf("vaultserver: %s %s: %w", operation, path, err)
	}
	if resp == nil {
		return nil, nil
	}
	return resp.Data, nil
}

// answer answers as Vault does.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/v1/")
	if r.Header.Get("X-Vault-Token") != s.Token() {
		logical.RespondError(w, http.StatusForbidden, logical.ErrPermissionDenied)
		return
	}
	if own := s.ownPath(path); own != nil {
		own(w, r)
		return
	}
	path, ok := strings.CutPrefix(path, Mount+"/")
	if !ok {
		logical.RespondError(w, http.StatusNotFound, fmt.Errorf("no handler for route %q. route entry not found", r.URL.Path))
		return
	}
	s.serveEngine(w, r, path)
}

func (s *Server) serveEngine(w http.ResponseWriter, r *http.Request, path string) {
	req := &logical.Request{Operation: logical.UpdateOperation, Path: path, Storage: s.storage, Data: map[string]any{}}
	if r.Method == http.MethodGet {
		req.Operation = logical.ReadOperation
	} else if err := json.NewDecoder(r.Body).Decode(&req.Data); err != nil {
		logical.RespondError(w, http.StatusBadRequest, fmt.Errorf("failed to parse JSON input: %w", err))
		return
	}
	// Vault asks the engine whether a write would create something, which the token's policy does not allow.
	if checked, exists, err := s.engine.HandleExistenceCheck(r.Context(), req); err == nil && checked && !exists {
		logical.RespondError(w, http.StatusForbidden, logical.ErrPermissionDenied)
		return
	}
	resp, err := s.engine.HandleRequest(r.Context(), req)
	if status, err := logical.RespondErrorCommon(req, resp, err); err != nil || status != 0 {
		logical.RespondError(w, status, err)
		return
	}
	respond(w, logical.LogicalResponseToHTTPResponse(resp))
}

func respond(w http.ResponseWriter, body *logical.HTTPResponse) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(body) // the client has gone if this fails
}
