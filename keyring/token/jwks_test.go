package token_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/discovery"
	"github.com/sealwax/sealwax/keyring/token"
)

// jwks returns the set of f's keys, as another implementation writes it.
func (f *forger) jwks(t testing.TB) string {
	t.Helper()
	var set jose.JSONWebKeySet
	for _, k := range f.keys() {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.Public, KeyID: k.KID, Algorithm: k.Algorithm, Use: "sig"})
	}
	b, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func parseJWKS(t testing.TB, document string) *token.KeySet {
	t.Helper()
	s, err := token.ParseJWKS([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTokensByAJWKS(t *testing.T) {
	f := newForger(t)
	v := newVerifier(t, parseJWKS(t, f.jwks(t)), nil)
	for _, text := range []string{
		forge(t, f.ed, `{"alg":"EdDSA","kid":"ed"}`, good),
		forge(t, f.ec, `{"alg":"ES256","kid":"ec"}`, good),
		forge(t, f.rsa, `{"alg":"RS256","kid":"rsa"}`, good),
	} {
		if _, err := v.Verify(text); err != nil {
			t.Error(err)
		}
	}
	wantRefused(t, v, forge(t, f.ed, `{"alg":"EdDSA","kid":"EC"}`, good), token.ErrUnknownKey, `"EC"`)
	wantRefused(t, v, forge(t, f.ec, `{"alg":"ES256","kid":"ed"}`, good), token.ErrAlgorithm, "key ed is for EdDSA")
}

// TestTokensByWhatARingPublishes: the set of package discovery is one that verifiers of this package take.
func TestTokensByWhatARingPublishes(t *testing.T) {
	r := ringOf(t, "RS256", "EdDSA", "ES256")
	p, err := discovery.New(r, &discovery.Options{Clock: fixed})
	if err != nil {
		t.Fatal(err)
	}
	v := newVerifier(t, parseJWKS(t, string(p.Documents().JWKS)), nil)
	for _, algorithm := range []string{"RS256", "EdDSA", "ES256"} {
		m := newMinter(t, func() (*keyring.Signer, error) { return r.SignerOf(algorithm) })
		if _, err := v.Verify(mint(t, m, claims())); err != nil {
			t.Errorf("%s: %v", algorithm, err)
		}
	}
}

// TestKeysOfAJWKSThatAreNotUsed stay in the set with their reason, and the others are not touched.
func TestKeysOfAJWKSThatAreNotUsed(t *testing.T) {
	f := newForger(t)
	ed, ec, rs := `{"kty":"OKP","crv":"Ed25519","x":"`+encode(f.ed[32:])+`"`, point(t, f), `{"kty":"RSA","n":"`+encode(f.rsa.N.Bytes())+`","e":"AQAB"`
	for _, c := range []struct {
		name string
		jwk  string // without its kid and its end
		says string // "" for one that is used
	}{
		{"Ed25519", ed + `,"alg":"EdDSA"`, ""},
		{"P-256, to verify", ec + `,"alg":"ES256","key_ops":["verify"]`, ""},
		{"RSA, with members that nobody needs", rs + `,"alg":"RS256","use":"sig","x5t":"AA","colour":"red"`, ""},

		{"no algorithm", rs, `alg, kty and crv are " RSA "`},
		{"an algorithm that is not ours", rs + `,"alg":"PS256"`, `"PS256 RSA "`},
		{"an algorithm of another type", rs + `,"alg":"ES256"`, `"ES256 RSA "`},
		{"an algorithm that is no string", rs + `,"alg":["RS256"]`, `kty and crv`},
		{"another curve", strings.Replace(ec, "P-256", "P-384", 1) + `,"alg":"ES256"`, `"ES256 EC P-384"`},
		{"a curve for RSA", rs + `,"alg":"RS256","crv":"P-256"`, `"RS256 RSA P-256"`},
		{"to encrypt", ed + `,"alg":"EdDSA","use":"enc"`, `use "enc"`},
		{"a use that is no string", ed + `,"alg":"EdDSA","use":7`, `"use" is no string`},
		{"to sign", ed + `,"alg":"EdDSA","key_ops":["sign"]`, "key_ops do not have verify"},
		{"operations that are no list", ed + `,"alg":"EdDSA","key_ops":"verify"`, "key_ops do not have verify"},
		{"31 bytes", `{"kty":"OKP","crv":"Ed25519","x":"` + encode(f.ed[33:]) + `","alg":"EdDSA"`, `"x" is missing or not`},
		{"no bytes", `{"kty":"OKP","crv":"Ed25519","alg":"EdDSA"`, `"x" is missing or not`},
		{"padded", `{"kty":"OKP","crv":"Ed25519","x":"` + encode(f.ed[32:]) + `=","alg":"EdDSA"`, `"x" is missing or not`},
		{"a line break", `{"kty":"OKP","crv":"Ed25519","x":"` + encode(f.ed[32:]) + `\n","alg":"EdDSA"`, `"x" is missing or not`},
		{"no point", `{"kty":"EC","crv":"P-256","x":"` + encode(make([]byte, 32)) + `","y":"` + encode(make([]byte, 32)) + `","alg":"ES256"`, "no point of P-256"},
		{"half a point", `{"kty":"EC","crv":"P-256","x":"` + encode(make([]byte, 32)) + `","alg":"ES256"`, `"y" is missing or not`},
		{"a modulus with a zero in front", `{"kty":"RSA","n":"` + encode(append([]byte{0}, f.rsa.N.Bytes()...)) + `","e":"AQAB","alg":"RS256"`, `"n" is missing or not`},
		{"1024 bits", `{"kty":"RSA","n":"` + encode(f.rsa.N.Bytes()[:128]) + `","e":"AQAB","alg":"RS256"`, "1024 bits"},
		{"exponent 3", strings.Replace(rs, "AQAB", "Aw", 1) + `,"alg":"RS256"`, `"e" is missing or not`},
		{"another exponent", strings.Replace(rs, "AQAB", "AQAD", 1) + `,"alg":"RS256"`, `exponent is 65539`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := parseJWKS(t, fmt.Sprintf(`{"keys":[%s,"kid":"it"},%s,"alg":"EdDSA","kid":"ed"}]}`, c.jwk, ed))
			k, ok := s.VerificationKey("it")
			if !ok || (k.Err == nil) != (c.says == "") || (k.Public == nil) != (k.Err != nil) {
				t.Fatalf("%+v, %v", k, ok)
			}
			if k.Err != nil && !strings.Contains(k.Err.Error(), c.says) {
				t.Errorf("error %q does not say %q", k.Err, c.says)
			}
			v := newVerifier(t, s, nil)
			if _, err := v.Verify(forge(t, f.ed, `{"alg":"EdDSA","kid":"ed"}`, good)); err != nil {
				t.Errorf("the other key: %v", err)
			}
			if k.Err != nil {
				wantRefused(t, v, forge(t, f.ed, `{"alg":"EdDSA","kid":"it"}`, good), token.ErrKeyRefused, c.says)
			}
		})
	}
}

// TestKeysThatNoTokenNames: RFC 7517 wants no kid, and issuers publish keys without one beside those that sign.
func TestKeysThatNoTokenNames(t *testing.T) {
	f := newForger(t)
	ed := `{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","x":"` + encode(f.ed[32:]) + `"`
	for _, kid := range []string{``, `,"kid":""`, `,"kid":null`, `,"kid":7`} {
		s := parseJWKS(t, fmt.Sprintf(`{"keys":[%s%s},%s%s},%s,"kid":"ed"}],"issuer":"x"}`, ed, kid, ed, kid, ed))
		if k, ok := s.VerificationKey(""); ok {
			t.Errorf("kid %q: %+v", kid, k)
		}
		if _, err := newVerifier(t, s, nil).Verify(forge(t, f.ed, `{"alg":"EdDSA","kid":"ed"}`, good)); err != nil {
			t.Errorf("kid %q: the key that has one: %v", kid, err)
		}
	}
}

// point is the key of P-256 as another implementation writes it, without its end.
func point(t *testing.T, f *forger) string {
	t.Helper()
	b, err := json.Marshal(jose.JSONWebKey{Key: f.ec.Public()})
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(b), "}")
}

func TestDocumentsThatAreNoJWKS(t *testing.T) {
	f := newForger(t)
	ed := `{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","x":"` + encode(f.ed[32:]) + `"`
	for _, c := range []struct{ name, document, says string }{
		{"nothing", "", "the JWKS: not a JSON object"},
		{"a key", ed + `,"kid":"a"}`, "no list of keys"},
		{"keys that are no list", `{"keys":{}}`, "no list of keys"},
		{"keys that are null", `{"keys":null}`, "no list of keys"},
		{"a key that is none", `{"keys":[7]}`, "key 1 of the JWKS: not a JSON object"},
		{"two lists", `{"keys":[],"keys":[]}`, `"keys" is there twice`},
		{"a member twice", `{"keys":[` + ed + `,"kid":"a","kid":"b"}]}`, `"kid" is there twice`},
		{"a private key without a kid", `{"keys":[` + ed + `,"d":"AA"}]}`, "key 1 of the JWKS: it is a private key"},
		{"a kid twice", `{"keys":[` + ed + `,"kid":"a"},` + ed + `,"kid":"a"}]}`, `two keys have the kid "a"`},
		{"a private key", `{"keys":[` + ed + `,"kid":"a","d":"AA"}]}`, "it is a private key"},
		{"a secret", `{"keys":[{"kty":"oct","k":"AA","alg":"HS256","kid":"a"}]}`, "it is a private key"},
		{"too long", `{"keys":[]}` + strings.Repeat(" ", 1<<20), "the longest has 1048576"},
	} {
		if s, err := token.ParseJWKS([]byte(c.document)); s != nil || err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want one that says %q", c.name, err, c.says)
		}
	}
	if s := parseJWKS(t, `{"keys":[]}`); s == nil {
		t.Error("an empty set is one: its issuer has no keys now")
	}
	if _, err := token.NewKeySet(append(f.keys(), f.keys()[0])); err == nil || errors.Is(err, token.ErrMalformed) {
		t.Errorf("a set with a kid twice: %v", err)
	}
}
