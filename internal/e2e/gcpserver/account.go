package gcpserver

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"os"
	"testing"
)

// signer is a key of a service account.
type signer struct {
	email   string
	public  *rsa.PublicKey
	enabled bool
}

// An Account is a throw-away service account, or a person, whose credentials are in a file.
type Account struct {
	Email string
	File  string

	server *Server
	keyID  string
}

// NewAccount makes a service account in a project, with a key in a file of that name.
func (s *Server) NewAccount(t testing.TB, project, file string) *Account {
	t.Helper()
	a := &Account{Email: "sealwax@" + project + ".iam.gserviceaccount.com", File: file, server: s}
	a.Renew(t)
	return a
}

// Revoke disables the account's key, as gcloud iam service-accounts keys disable does.
func (a *Account) Revoke() {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	a.server.signers[a.keyID].enabled = false
}

// Revoked reports whether the account's newest key is disabled.
func (a *Account) Revoked() bool {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	return !a.server.signers[a.keyID].enabled
}

// Renew makes another key and replaces the file. The old key is good for as long as nobody revokes it.
func (a *Account) Renew(t testing.TB) {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 20)
	rand.Read(id) // never fails
	a.keyID = hex.EncodeToString(id)
	a.server.mu.Lock()
	a.server.signers[a.keyID] = &signer{a.Email, &private.PublicKey, true}
	a.server.mu.Unlock()

	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write(t, a.File, map[string]string{
		"type":           "service_account",
		"project_id":     "test",
		"private_key_id": a.keyID,
		"private_key":    string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"client_email":   a.Email,
		"client_id":      "123456789012345678901",
		"auth_uri":       "https://accounts.google.com/o/oauth2/auth",
		"token_uri":      "https://" + TokenHost + "/token",
	})
}

// NewPerson makes credentials of gcloud auth application-default login, which fetch their tokens. It returns the refresh
// token, which is a secret.
func (s *Server) NewPerson(t testing.TB, file string) string {
	t.Helper()
	refresh := "1//" + rand.Text()
	s.mu.Lock()
	s.refresh[refresh] = "person@example.com"
	s.mu.Unlock()
	write(t, file, map[string]string{
		"type":          "authorized_user",
		"client_id":     "764086051850.apps.googleusercontent.com",
		"client_secret": "d-" + rand.Text(),
		"refresh_token": refresh,
	})
	return refresh
}

// Forget makes refresh tokens, and what was got with them, worthless.
func (s *Server) Forget() {
	s.ForgetTokens()
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.refresh)
}

// ForgetTokens makes all tokens of the token endpoint worthless before their time.
func (s *Server) ForgetTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

func write(t testing.TB, file string, fields map[string]string) {
	t.Helper()
	b, err := json.MarshalIndent(fields, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
