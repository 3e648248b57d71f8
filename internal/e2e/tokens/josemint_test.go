package tokens

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/internal/e2e/kektest"
	"github.com/sealwax/sealwax/keyring/token"
)

// order is a token that the npm package jose is to make, with a key of its own.
type order struct {
	Alg    string         `json:"alg"`
	Bits   int            `json:"bits,omitempty"`
	Header map[string]any `json:"header,omitempty"`
	Claims map[string]any `json:"claims"`
}

// TestTokensOfOthers verifies tokens that another implementation made, with the keys that it published.
func TestTokensOfOthers(t *testing.T) {
	const issuer = "https://jose.example"
	at := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	whole := func() map[string]any {
		return map[string]any{"iss": issuer, "sub": subject, "aud": audience, "exp": at(time.Hour), "nbf": at(0), "iat": at(0), "jti": "x", "job": map[string]any{"id": 7}}
	}
	with := func(name string, value any) map[string]any {
		c := whole()
		c[name] = value
		return c
	}
	cases := []struct {
		name string
		order
		cause error // nil for one that verifies
		says  string
	}{
		{"EdDSA", order{Alg: "EdDSA", Claims: whole()}, nil, ""},
		{"ES256", order{Alg: "ES256", Claims: whole()}, nil, ""},
		{"RS256", order{Alg: "RS256", Bits: 2048, Claims: whole()}, nil, ""},
		{"RS256 with 3072 bits, a type and two audiences", order{Alg: "RS256", Bits: 3072, Header: map[string]any{"typ": "JWT"},
			Claims: with("aud", []string{"x", audience})}, nil, ""},
		{"PS256", order{Alg: "PS256", Bits: 2048, Claims: whole()}, token.ErrAlgorithm, "PS256"},
		{"RS512", order{Alg: "RS512", Bits: 2048, Claims: whole()}, token.ErrAlgorithm, "RS512"},
		{"ES384", order{Alg: "ES384", Claims: whole()}, token.ErrAlgorithm, "ES384"},
		{"Ed25519, the new name of EdDSA", order{Alg: "Ed25519", Claims: whole()}, token.ErrAlgorithm, "Ed25519"},
		{"the key of another", order{Alg: "ES256", Header: map[string]any{"kid": "1"}, Claims: whole()}, token.ErrSignature, ""},
		{"the kid of another algorithm", order{Alg: "ES256", Header: map[string]any{"kid": "0"}, Claims: whole()}, token.ErrAlgorithm, "key 0 is for EdDSA"},
		{"an extension that must be understood", order{Alg: "EdDSA", Header: map[string]any{"crit": []string{"mine"}, "mine": 1}, Claims: whole()}, token.ErrMalformed, "verifiers know alg, kid and typ"},
		{"an access token", order{Alg: "EdDSA", Header: map[string]any{"typ": "at+jwt"}, Claims: whole()}, token.ErrMalformed, "at+jwt"},
		{"expired", order{Alg: "EdDSA", Claims: with("exp", at(-time.Hour))}, token.ErrExpired, ""},
		{"not good yet", order{Alg: "EdDSA", Claims: with("nbf", at(time.Hour))}, token.ErrNotYetValid, ""},
		{"of another issuer", order{Alg: "EdDSA", Claims: with("iss", "https://other.example")}, token.ErrIssuer, ""},
		{"for another audience", order{Alg: "EdDSA", Claims: with("aud", []string{"x"})}, token.ErrAudience, ""},
	}
	var orders []order
	for _, c := range cases {
		orders = append(orders, c.order)
	}
	var made struct {
		JWKS   json.RawMessage
		Tokens []string
	}
	kektest.Node(t, os.Environ(), "josemint.mjs", orders, &made)
	if len(made.Tokens) != len(cases) {
		t.Fatalf("%d tokens for %d orders", len(made.Tokens), len(cases))
	}
	set, err := token.ParseJWKS(made.JWKS)
	if err != nil {
		t.Fatal(err)
	}
	v, err := token.NewVerifier(set, issuer, audience, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := v.Verify(made.Tokens[i])
			if c.cause != nil {
				if !errors.Is(err, c.cause) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%+v, %v, want %v that says %q", got, err, c.cause, c.says)
				}
				return
			}
			if err != nil || got.Subject != subject || got.Algorithm != c.Alg || got.Extra["job"] == nil {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}
