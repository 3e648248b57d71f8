package gcpserver

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/status"
)

// A fake that lets everybody in would pass every other test.
func TestTokensAreVerified(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{tokens: map[string]string{"ya29.known": "a@x"}, signers: map[string]*signer{
		"good":     {"a@x", &private.PublicKey, true},
		"disabled": {"a@x", &private.PublicKey, false},
	}}
	now := time.Now()
	good := claims{Issuer: "a@x", Subject: "a@x", Scope: scopes[0], Issued: now.Unix(), Expires: now.Add(time.Hour).Unix()}
	with := func(change func(*claims)) claims {
		c := good
		change(&c)
		return c
	}
	for _, c := range []struct {
		name   string
		header string
		ok     bool
	}{
		{"signed", sign(t, private, "RS256", "good", good), true},
		{"for this service", sign(t, private, "RS256", "good", with(func(c *claims) { c.Scope, c.Audience = "", "https://"+Host+"/" })), true},
		{"of the token endpoint", "Bearer ya29.known", true},

		{"none", "", false},
		{"another scheme", "Basic ya29.known", false},
		{"unknown", "Bearer ya29.unknown", false},
		{"no JWT", "Bearer a.b.c", false},
		{"for another service", sign(t, private, "RS256", "good", with(func(c *claims) { c.Scope, c.Audience = "", "https://storage.googleapis.com/" })), false},
		{"another scope", sign(t, private, "RS256", "good", with(func(c *claims) { c.Scope = "https://www.googleapis.com/auth/drive" })), false},
		{"expired", sign(t, private, "RS256", "good", with(func(c *claims) { c.Issued, c.Expires = now.Add(-time.Hour).Unix(), now.Add(-time.Second).Unix() })), false},
		{"of tomorrow", sign(t, private, "RS256", "good", with(func(c *claims) { c.Issued, c.Expires = now.Add(24*time.Hour).Unix(), now.Add(25*time.Hour).Unix() })), false},
		{"too long", sign(t, private, "RS256", "good", with(func(c *claims) { c.Expires = now.Add(2 * time.Hour).Unix() })), false},
		{"another issuer", sign(t, private, "RS256", "good", with(func(c *claims) { c.Issuer, c.Subject = "b@x", "b@x" })), false},
		{"for somebody else", sign(t, private, "RS256", "good", with(func(c *claims) { c.Subject = "b@x" })), false},
		{"another key", sign(t, stranger, "RS256", "good", good), false},
		{"disabled key", sign(t, private, "RS256", "disabled", good), false},
		{"unknown key", sign(t, private, "RS256", "unknown", good), false},
		{"another algorithm", sign(t, private, "none", "good", good), false},
		{"changed", strings.Replace(sign(t, private, "RS256", "good", good), ".", ".e", 1), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := s.authenticate(c.header, "Decrypt")
			if (err == nil) != c.ok {
				t.Errorf("got %v", err)
			}
			if err != nil && !strings.HasPrefix(status.Convert(err).Message(), "Request had invalid authentication credentials.") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// sign returns a header with a token.
func sign(t *testing.T, key *rsa.PrivateKey, algorithm, id string, c claims) string {
	t.Helper()
	header, err := json.Marshal(map[string]string{"alg": algorithm, "typ": "JWT", "kid": id})
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(body)
	digest := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + text + "." + base64.RawURLEncoding.EncodeToString(signature)
}
