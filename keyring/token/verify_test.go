package token_test

import (
	"crypto"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/token"
	"github.com/sealwax/sealwax/keystore"
)

// The claims of a token that is good for an hour from now on, in its shortest form.
const good = `{"iss":"https://id.prod.example","sub":"web","aud":"db","exp":1795345200}`

func wantRefused(t *testing.T, v *token.Verifier, text string, cause error, says string) {
	t.Helper()
	c, err := v.Verify(text)
	if c != nil || !errors.Is(err, cause) || !strings.Contains(err.Error(), says) {
		t.Errorf("%+v, %v, want %v that says %q", c, err, cause, says)
	}
}

// TestAttacks are the ones that implementations of JWT fell to. What is malformed in its spelling is in package jws.
func TestAttacks(t *testing.T) {
	f := newForger(t)
	v := newVerifier(t, f.set(t), nil)
	pemOf := func(der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}) }
	n := f.rsa.N.Bytes()
	for _, c := range []struct {
		name  string
		token string
		cause error
		says  string
	}{
		{"none", encode([]byte(`{"alg":"none","kid":"ed"}`)) + "." + encode([]byte(good)) + ".", token.ErrAlgorithm, "none"},
		{"none with a signature", forge(t, f.ed, `{"alg":"none","kid":"ed"}`, good), token.ErrAlgorithm, "none"},
		{"HS256 with the public key in DER", forgeHMAC(pkix(t, f.rsa.Public()), `{"alg":"HS256","kid":"rsa"}`, good), token.ErrAlgorithm, "HS256"},
		{"HS256 with the public key in PEM", forgeHMAC(pemOf(pkix(t, f.rsa.Public())), `{"alg":"HS256","kid":"rsa"}`, good), token.ErrAlgorithm, "HS256"},
		{"HS256 with the modulus", forgeHMAC(n, `{"alg":"HS256","kid":"rsa"}`, good), token.ErrAlgorithm, "HS256"},
		{"the public key as a secret behind the right name", forgeHMAC(pkix(t, f.rsa.Public()), `{"alg":"RS256","kid":"rsa"}`, good), token.ErrSignature, ""},
		{"the kid of a key for another algorithm", forge(t, f.ec, `{"alg":"ES256","kid":"ed"}`, good), token.ErrAlgorithm, "says ES256, and key ed is for EdDSA"},
		{"PS256 for a key of RS256", forge(t, f.rsa, `{"alg":"PS256","kid":"rsa"}`, good), token.ErrAlgorithm, "PS256"},
		{"ES256K", forge(t, f.ec, `{"alg":"ES256K","kid":"ec"}`, good), token.ErrAlgorithm, "ES256K"},
		{"another key with the same kid", forge(t, newForger(t).ed, `{"alg":"EdDSA","kid":"ed"}`, good), token.ErrSignature, ""},
		{"ES256 with two zeros", encode([]byte(`{"alg":"ES256","kid":"ec"}`)) + "." + encode([]byte(good)) + "." + encode(make([]byte, 64)), token.ErrSignature, ""},
		{"a kid that is a path", forge(t, f.ed, `{"alg":"EdDSA","kid":"../../dev/null"}`, good), token.ErrUnknownKey, `"../../dev/null"`},
		{"a kid of 1000 characters", forge(t, f.ed, `{"alg":"EdDSA","kid":"`+strings.Repeat("x", 1000)+`"}`, good), token.ErrUnknownKey, `xxx"`},
		{"no kid", forge(t, f.ed, `{"alg":"EdDSA"}`, good), token.ErrMalformed, "no kid"},
		{"a key of its own", forge(t, f.ed, `{"alg":"EdDSA","kid":"ed","jwk":{"kty":"OKP","crv":"Ed25519","x":"AA"}}`, good), token.ErrMalformed, "jwk"},
		{"a token in a token", forge(t, f.ed, `{"alg":"EdDSA","kid":"ed","cty":"JWT"}`, forge(t, f.ed, `{"alg":"EdDSA","kid":"ed"}`, good)), token.ErrMalformed, "cty"},
		{"a token in a token that does not say so", forge(t, f.ed, `{"alg":"EdDSA","kid":"ed"}`, forge(t, f.ed, `{"alg":"EdDSA","kid":"ed"}`, good)), token.ErrMalformed, "its claims: not a JSON object"},
		{"claims exchanged", exchanged(forge(t, f.ec, `{"alg":"ES256","kid":"ec"}`, good)), token.ErrSignature, ""},
		{"16 KiB and a byte", strings.Repeat("x", 16<<10+1), token.ErrMalformed, "16385 bytes, and the longest has 16384"},
	} {
		t.Run(c.name, func(t *testing.T) { wantRefused(t, v, c.token, c.cause, c.says) })
	}
}

func exchanged(text string) string {
	parts := strings.Split(text, ".")
	return parts[0] + "." + encode([]byte(strings.ReplaceAll(good, "web", "root"))) + "." + parts[2]
}

func TestClaimsThatAreRefused(t *testing.T) {
	f := newForger(t)
	v := newVerifier(t, f.set(t), nil)
	with := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	exp := func(d time.Duration) string { return with("1795345200", fmt.Sprint(now.Add(d).Unix())) }
	also := func(more string) string { return with("}", ","+more+"}") }
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	for _, c := range []struct {
		name   string
		claims string
		cause  error // nil for good ones
		says   string
	}{
		{"good", good, nil, ""},
		{"for several", with(`"db"`, `["cache","db"]`), nil, ""},
		{"within the skew after its end", exp(-59 * time.Second), nil, ""},
		{"within the skew before its begin", also(fmt.Sprintf(`"nbf":%d`, at(time.Minute))), nil, ""},
		{"a time with a fraction", with("1795345200", "1795345200.75"), nil, ""},
		{"a time in scientific notation", with("1795345200", "1.7953452e9"), nil, ""},
		{"other claims, nested", also(`"x":{"exp":1},"EXP":1`), nil, ""},

		{"expired", exp(-time.Minute), token.ErrExpired, "expired on 2026-11-22T09:59:00Z"},
		{"not good yet", also(fmt.Sprintf(`"nbf":%d`, at(61*time.Second))), token.ErrNotYetValid, "from 2026-11-22T10:01:01Z on"},
		{"issued in the future", also(fmt.Sprintf(`"iat":%d`, at(61*time.Second))), token.ErrNotYetValid, "issued on 2026-11-22T10:01:01Z"},
		{"lives for longer than the longest", exp(24*time.Hour + 61*time.Second), token.ErrClaims, "longer than 24h0m0s"},
		{"lives for ever", with("1795345200", "253402300799"), token.ErrClaims, "longer than"},

		{"of another issuer", with("prod", "test"), token.ErrIssuer, `"https://id.test.example", and not "https://id.prod.example"`},
		{"of an issuer in another spelling", with(`example"`, `example/"`), token.ErrIssuer, "wrong issuer"},
		{"for somebody else", with(`"db"`, `"cache"`), token.ErrAudience, `for ["cache"], and not for "db"`},
		{"for somebody with a longer name", with(`"db"`, `["db2","DB"]`), token.ErrAudience, "wrong audience"},

		{"no issuer", with(`"iss":"https://id.prod.example",`, ""), token.ErrClaims, "iss is missing"},
		{"no subject", with(`"sub":"web",`, ""), token.ErrClaims, "sub is missing"},
		{"an empty subject", with(`"web"`, `""`), token.ErrClaims, "sub is no string, or an empty one"},
		{"no audience", with(`"aud":"db",`, ""), token.ErrClaims, "aud is missing"},
		{"no expiry", with(`,"exp":1795345200`, ""), token.ErrClaims, "exp is missing"},
		{"an expiry in capitals", with(`"exp"`, `"EXP"`), token.ErrClaims, "exp is missing"},
		{"an issuer that is no string", with(`"https://id.prod.example"`, `["https://id.prod.example"]`), token.ErrClaims, "iss is no string"},
		{"a subject that is null", with(`"web"`, `null`), token.ErrClaims, "sub is no string"},
		{"an audience that is null", with(`"db"`, `null`), token.ErrClaims, "aud is no name"},
		{"an empty list of audiences", with(`"db"`, `[]`), token.ErrClaims, "aud is no name"},
		{"an audience that is a number", with(`"db"`, `["db",7]`), token.ErrClaims, "aud is no name"},
		{"an expiry in quotes", with("1795345200", `"1795345200"`), token.ErrClaims, "exp is no time"},
		{"an expiry before there were times", with("1795345200", `-1`), token.ErrClaims, "exp is no time"},
		{"an expiry beyond all times", with("1795345200", `1e300`), token.ErrClaims, "exp is no time"},
		{"an expiry that is null", with("1795345200", `null`), token.ErrClaims, "exp is no time"},
		{"a begin that is a list", also(`"nbf":[1]`), token.ErrClaims, "nbf is no time"},
		{"an ID that is a number", also(`"jti":7`), token.ErrClaims, "jti is no string"},

		{"an audience twice", also(`"aud":"db"`), token.ErrMalformed, `"aud" is there twice`},
		{"an expiry twice, spelled in two ways", also(`"\u0065xp":1`), token.ErrMalformed, `"exp" is there twice`},
		{"a name twice further down", also(`"x":[{"y":1,"y":2}]`), token.ErrMalformed, `"y" is there twice`},
		{"no JSON", "hello", token.ErrMalformed, "its claims: not a JSON object"},
		{"no claims", "", token.ErrMalformed, "its claims: not a JSON object"},
		{"a list", "[" + good + "]", token.ErrMalformed, "its claims: not a JSON object"},
		{"something behind them", good + "{}", token.ErrMalformed, "nothing else"},
		{"not UTF-8", with("web", "\xff"), token.ErrMalformed, "UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for header, private := range map[string]crypto.Signer{`{"alg":"EdDSA","kid":"ed"}`: f.ed, `{"alg":"ES256","kid":"ec"}`: f.ec} {
				text := forge(t, private, header, c.claims)
				if c.cause != nil {
					wantRefused(t, v, text, c.cause, c.says)
				} else if got, err := v.Verify(text); err != nil || got.Subject != "web" || got.Expiry.IsZero() {
					t.Errorf("%+v, %v", got, err)
				}
			}
		})
	}
}

func TestWithoutSkew(t *testing.T) {
	f := newForger(t)
	v := newVerifier(t, f.set(t), &token.Options{Clock: fixed, ClockSkew: -1, TokenLifetime: time.Hour})
	text := func(exp time.Duration) string {
		return forge(t, f.ed, `{"alg":"EdDSA","kid":"ed"}`, strings.Replace(good, "1795345200", fmt.Sprint(now.Add(exp).Unix()), 1))
	}
	wantRefused(t, v, text(0), token.ErrExpired, "")
	if _, err := v.Verify(text(time.Second)); err != nil {
		t.Error(err)
	}
	if _, err := v.Verify(text(time.Hour)); err != nil {
		t.Error(err)
	}
	wantRefused(t, v, text(time.Hour+time.Second), token.ErrClaims, "longer than 1h0m0s")
}

func TestWhichKeysAreBelieved(t *testing.T) {
	f := newForger(t)
	o := &token.Options{Clock: fixed, TokenLifetime: time.Hour, Lease: 5 * time.Minute, ClockSkew: time.Minute}
	state := func(s keystore.State) func(*keyring.VerificationKey) {
		return func(k *keyring.VerificationKey) { k.State = s }
	}
	planned := func(in time.Duration) func(*keyring.VerificationKey) {
		return func(k *keyring.VerificationKey) { k.State, k.Activates = keystore.Prepublished, now.Add(in) }
	}
	retired := func(ago time.Duration) func(*keyring.VerificationKey) {
		return func(k *keyring.VerificationKey) {
			k.State, k.Activated, k.Retired = keystore.Retired, now.Add(-1000*time.Hour), now.Add(-ago)
		}
	}
	compromised := func(k *keyring.VerificationKey) { k.Compromised = true }
	damaged := func(k *keyring.VerificationKey) { k.Public, k.Err = nil, errors.New("bits have flipped") }
	for _, c := range []struct {
		name   string
		change []func(*keyring.VerificationKey)
		cause  error // nil for one that is
		says   string
	}{
		{"active", nil, nil, ""},
		{"retired just now", []func(*keyring.VerificationKey){retired(0)}, nil, ""},
		{"retired, and its last token is about to expire", []func(*keyring.VerificationKey){retired(67 * time.Minute)}, nil, ""},
		{"prepublished, and its time has come", []func(*keyring.VerificationKey){planned(-time.Hour)}, nil, ""},
		{"prepublished, and its time has come by the clock of another", []func(*keyring.VerificationKey){planned(time.Minute)}, nil, ""},

		{"retired, and its last token has expired", []func(*keyring.VerificationKey){retired(67*time.Minute + time.Second)}, token.ErrKeyRefused, "retired on 2026-11-22T08:52:59Z, and all that it signed has expired"},
		{"prepublished", []func(*keyring.VerificationKey){planned(61 * time.Second)}, token.ErrKeyRefused, "not active yet"},
		{"prepublished without a date", []func(*keyring.VerificationKey){state(keystore.Prepublished)}, token.ErrKeyRefused, "not active yet"},
		{"withdrawn", []func(*keyring.VerificationKey){func(k *keyring.VerificationKey) { k.State, k.Retired = keystore.Retired, now }}, token.ErrKeyRefused, "withdrawn before it was active"},
		{"destroyed", []func(*keyring.VerificationKey){state(keystore.Destroyed)}, token.ErrKeyRefused, ""},
		{"damaged", []func(*keyring.VerificationKey){damaged}, token.ErrKeyRefused, "bits have flipped"},
		{"compromised", []func(*keyring.VerificationKey){compromised}, token.ErrCompromised, "ed"},
		{"compromised, and retired just now", []func(*keyring.VerificationKey){retired(0), compromised}, token.ErrCompromised, ""},
		{"compromised and damaged", []func(*keyring.VerificationKey){damaged, compromised}, token.ErrCompromised, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := newVerifier(t, f.set(t, c.change...), o)
			text := forge(t, f.ed, `{"alg":"EdDSA","kid":"ed"}`, good)
			if c.cause != nil {
				wantRefused(t, v, text, c.cause, c.says)
			} else if _, err := v.Verify(text); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAVerifierFollowsTheRing through the life of a key, of which each step says what becomes of the tokens.
func TestAVerifierFollowsTheRing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := keystore.NewMemory()
		r := newRing(t, store, keyring.Signing{Algorithms: []string{"EdDSA"}})
		other, err := keyring.Load(t.Context(), store, kek(t), &keyring.Options{RefreshInterval: -1, Clock: fixed})
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		v := newVerifier(t, other, nil)
		verifies := func(text string) {
			t.Helper()
			if _, err := v.Verify(text); err != nil {
				t.Error(err)
			}
		}
		m, old := newMinter(t, r.Signer), r.Keys()[0].ID
		first := mint(t, m, claims())
		verifies(first)
		if _, err := r.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		second := mint(t, m, claims())
		wantRefused(t, v, second, token.ErrUnknownKey, r.Keys()[1].ID.String())
		time.Sleep(time.Second) // the token that named an unknown key made the ring look
		verifies(second)
		verifies(first)

		next, err := r.Prepublish(t.Context(), now.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if err := other.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := r.Activate(t.Context(), next); err != nil { // before the time that was planned
			t.Fatal(err)
		}
		third := mint(t, m, claims())
		wantRefused(t, v, third, token.ErrKeyRefused, "not active yet")
		time.Sleep(time.Second)
		verifies(third)

		if err := r.MarkCompromised(t.Context(), old); err != nil {
			t.Fatal(err)
		}
		if err := other.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantRefused(t, v, first, token.ErrCompromised, old.String())
		verifies(second)
		verifies(third)
	})
}
