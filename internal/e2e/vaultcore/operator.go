package vaultcore

import (
	"context"
	"testing"

	"github.com/hashicorp/vault/helper/namespace"
	"github.com/hashicorp/vault/sdk/logical"
)

// Write writes as root. It asks the core itself: what the operator of a test does is neither counted nor disturbed.
func (s *Server) Write(t testing.TB, path string, data map[string]any) *logical.Response {
	t.Helper()
	return s.handle(t, logical.UpdateOperation, path, data)
}

// Read reads as root.
func (s *Server) Read(t testing.TB, path string) *logical.Response {
	t.Helper()
	return s.handle(t, logical.ReadOperation, path, nil)
}

// List lists as root.
func (s *Server) List(t testing.TB, path string) *logical.Response {
	t.Helper()
	return s.handle(t, logical.ListOperation, path, nil)
}

// Delete deletes as root.
func (s *Server) Delete(t testing.TB, path string) {
	t.Helper()
	s.handle(t, logical.DeleteOperation, path, nil)
}

func (s *Server) handle(t testing.TB, operation logical.Operation, path string, data map[string]any) *logical.Response {
	t.Helper()
	answer, err := s.core.HandleRequest(namespace.RootContext(context.Background()), &logical.Request{
		Operation: operation, Path: path, Data: data, ClientToken: s.rootToken,
	})
	if err == nil && answer.IsError() {
		err = answer.Error()
	}
	if err != nil {
		t.Fatalf("vaultcore: %s %s: %v", operation, path, err)
	}
	return answer
}

// Mount mounts a Transit engine.
func (s *Server) Mount(t testing.TB, path string) {
	t.Helper()
	s.Write(t, "sys/mounts/"+path, map[string]any{"type": "transit"})
}

// Policy writes a policy.
func (s *Server) Policy(t testing.TB, name, rules string) {
	t.Helper()
	s.Write(t, "sys/policies/acl/"+name, map[string]any{"policy": rules})
}

// Token makes a token without a parent. The options are those of auth/token/create, such as "period" and "type".
func (s *Server) Token(t testing.TB, policy string, options map[string]any) string {
	t.Helper()
	data := map[string]any{"policies": []string{policy}, "no_parent": true}
	for name, value := range options {
		data[name] = value
	}
	return s.Write(t, "auth/token/create", data).Auth.ClientToken
}

// Revoke ends a token.
func (s *Server) Revoke(t testing.TB, token string) {
	t.Helper()
	s.Write(t, "auth/token/revoke", map[string]any{"token": token})
}
