package transit

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/vault/api"

	"github.com/sealwax/sealwax/wrappers"
)

func TestClassify(t *testing.T) {
	status := func(code int, text string) error {
		return &callError{"transit/decrypt/app", &api.ResponseError{StatusCode: code, Errors: []string{text}}}
	}
	w := newWrapper(t, Config{})
	for _, c := range []struct {
		err   error
		class wrappers.Class
		hint  string
	}{
		{status(400, "invalid ciphertext: no prefix"), wrappers.Never, ""},
		{status(400, "missing client token"), wrappers.Ask, "set token"},
		{status(301, "moved"), wrappers.Ask, "check that address is that of a Vault"},
		{status(412, "required index state not present"), wrappers.Later, "try again"},
		{status(429, "request path: rate limit quota exceeded"), wrappers.Later, "raise the rate limit quota"},
		{status(404, `no handler for route "transit/decrypt/app"`), wrappers.Ask, "check address, namespace and mount_path"},
		{&callError{"transit/keys/app", &api.ResponseError{StatusCode: 404}}, wrappers.Ask, "check key_name and namespace: there is no transit/keys/app"},
		{&callError{"transit/keys/app", &api.ResponseError{StatusCode: 404, Errors: []string{"no handler for route"}}}, wrappers.Ask, "check address, namespace and mount_path"},
		{&callError{lookupPath, &api.ResponseError{StatusCode: 404}}, wrappers.Ask, "check that address is that of a Vault"},
		{status(472, ""), wrappers.Ask, "check that address is that of a Vault"},
		{status(502, "bad gateway"), wrappers.Later, "try again"},
		{status(503, "Vault is sealed"), wrappers.Later, "unseal the Vault"},
		{status(503, "maintenance"), wrappers.Later, "try again"},
		{x509.UnknownAuthorityError{}, wrappers.Ask, "set tls_ca_cert"},
		{x509.CertificateInvalidError{Reason: x509.Expired}, wrappers.Ask, "renew Vault's certificate"},
		{http.ErrSchemeMismatch, wrappers.Ask, "check address: no TLS"},
		{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, wrappers.Ask, "check address: no TLS"},
		{&net.OpError{Op: "remote error", Err: tls.AlertError(116)}, wrappers.Ask, "set tls_client_cert and tls_client_key"},
		{io.ErrUnexpectedEOF, wrappers.Later, "check that a Vault answers at https://127.0.0.1:8200"},
		{errors.New("anything"), wrappers.Later, "check that a Vault answers"},
	} {
		class, hint := w.Classify(fmt.Errorf("wrapped: %w", c.err))
		if class != c.class || !strings.HasPrefix(hint, c.hint) || c.hint == "" && hint != "" {
			t.Errorf("Classify(%v): got %v, %q; want %v, %q", c.err, class, hint, c.class, c.hint)
		}
	}
}

func TestHintNamesTheAddress(t *testing.T) {
	for _, c := range []struct{ config, variable, want string }{
		{"https://vault.example.com:8200", "https://other", "https://vault.example.com:8200"},
		{"https://me:hunter2@vault.example.com", "", "https://me:xxxxx@vault.example.com"},
		{"", "https://other", "https://other"},
		{"", "", "https://127.0.0.1:8200"},
		{"", "https://[", "its address"},
	} {
		t.Setenv("VAULT_ADDR", c.variable)
		w := newWrapper(t, Config{Address: c.config})
		if _, hint := w.Classify(io.EOF); hint != "check that a Vault answers at "+c.want {
			t.Errorf("address %q, VAULT_ADDR %q: got %q, want %q at its end", c.config, c.variable, hint, c.want)
		}
	}
}

func TestVaultsCountOfOneIsDropped(t *testing.T) {
	err := &callError{"transit/decrypt/app", &api.ResponseError{StatusCode: 403, Errors: []string{"1 error occurred:\n\t* permission denied\n\n"}}}
	if got, want := err.Error(), "transit: transit/decrypt/app: Vault answered 403: permission denied"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestErrorIsOneLine(t *testing.T) {
	err := &callError{"transit/decrypt/app", &api.ResponseError{StatusCode: 502, RawError: true, Errors: []string{"<html>\n\n" + strings.Repeat("é", 400)}}}
	text := err.Error()
	if strings.Contains(text, "\n") || len(text) > 380 || !strings.HasPrefix(text, "transit: transit/decrypt/app: Vault answered 502: <html> éé") || !strings.HasSuffix(text, "é…") {
		t.Errorf("got %q", text)
	}
}

// A real one: what package tls makes of the refusal is a type of its own.
func TestVaultThatWantsACertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	authority := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(authority, text, 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWrapper(t, Config{Address: s.URL, TLSCACert: authority})
	_, err := w.Encrypt(t.Context(), []byte("root"))
	if err == nil {
		t.Fatal("Encrypt without a certificate: got no error")
	}
	if class, hint := w.Classify(err); class != wrappers.Ask || !strings.HasPrefix(hint, "set tls_client_cert") {
		t.Errorf("Classify(%v): got %v, %q", err, class, hint)
	}
}
