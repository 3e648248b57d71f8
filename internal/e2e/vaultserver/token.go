package vaultserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/vault/sdk/logical"
)

// Token returns the token that is accepted.
func (s *Server) Token() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token
}

// SetToken replaces the token that is accepted: the old one has expired.
func (s *Server) SetToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = token
}

// SetLease makes tokens renewable, for that many seconds at a time.
func (s *Server) SetLease(seconds int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lease = seconds
}

// ownPath returns what answers on the paths by which a token asks about itself, nil on any other.
func (s *Server) ownPath(path string) http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"auth/token/renew-self":  s.renew,
		"auth/token/lookup-self": s.lookUp,
		"sys/capabilities-self":  s.capabilities,
	}[path]
}

func (s *Server) renew(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	auth := logical.HTTPAuth{ClientToken: s.token, LeaseDuration: s.lease, Renewable: s.lease > 0}
	s.mu.Unlock()
	respond(w, &logical.HTTPResponse{Auth: &auth})
}

func (s *Server) lookUp(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	respond(w, &logical.HTTPResponse{Data: map[string]any{
		"id": s.token, "display_name": "token", "policies": []string{"default", "transit"}, "type": "service",
		"renewable": s.lease > 0, "ttl": s.lease, "expire_time": nil,
	}})
}

func (s *Server) capabilities(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Paths []string }
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		logical.RespondError(w, http.StatusBadRequest, fmt.Errorf("failed to parse JSON input: %w", err))
		return
	}
	data := map[string]any{}
	for _, path := range asked.Paths {
		data[path] = []string{"deny"}
		if strings.HasPrefix(path, Mount+"/") || s.ownPath(path) != nil {
			data[path] = []string{"read", "update"}
		}
	}
	respond(w, &logical.HTTPResponse{Data: data})
}
