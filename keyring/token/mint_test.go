package token_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/token"
	"github.com/sealwax/sealwax/keystore"
)

// part returns one of the three parts of a token, decoded.
func part(t testing.TB, text string, i int) string {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(strings.Split(text, ".")[i])
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWhatATokenSays(t *testing.T) {
	r := ringOf(t, "EdDSA")
	m := newMinter(t, r.Signer)
	for _, c := range []struct {
		name   string
		change func(c *token.Claims)
		want   string
	}{
		{"one audience", func(*token.Claims) {},
			`{"iss":"https://id.prod.example","sub":"emea:default:web","aud":"db","exp":1795345200,"nbf":1795341600,"iat":1795341600,"jti":"1"}`},
		{"two", func(c *token.Claims) { c.Audience = []string{"db", "cache"} },
			`{"iss":"https://id.prod.example","sub":"emea:default:web","aud":["db","cache"],"exp":1795345200,"nbf":1795341600,"iat":1795341600,"jti":"1"}`},
		{"times of its own", func(c *token.Claims) {
			c.IssuedAt, c.NotBefore, c.Expiry = now.Add(-time.Minute), now.Add(time.Minute+999*time.Millisecond), now.Add(24*time.Hour)
		}, `{"iss":"https://id.prod.example","sub":"emea:default:web","aud":"db","exp":1795428000,"nbf":1795341660,"iat":1795341540,"jti":"1"}`},
		{"characters that JSON escapes", func(c *token.Claims) { c.Subject, c.ID = "a\"b\\c\nd\x00\u2028<é>", "\\" },
			`{"iss":"https://id.prod.example","sub":"a\"b\\c\u000ad\u0000` + "\u2028" + `<é>","aud":"db","exp":1795345200,"nbf":1795341600,"iat":1795341600,"jti":"\\"}`},
		{"claims of the application, by name", func(c *token.Claims) {
			c.Extra = map[string]any{"job": "web", "alloc": map[string]any{"id": 7}, "ok": true, "EXP": nil}
		}, `{"iss":"https://id.prod.example","sub":"emea:default:web","aud":"db","exp":1795345200,"nbf":1795341600,"iat":1795341600,"jti":"1",` +
			`"EXP":null,"alloc":{"id":7},"job":"web","ok":true}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := claims()
			in.ID = "1"
			c.change(in)
			text := mint(t, m, in)
			if got, want := part(t, text, 0), `{"alg":"EdDSA","kid":"`+r.Keys()[0].ID.String()+`","typ":"JWT"}`; got != want {
				t.Errorf("header:\ngot  %s\nwant %s", got, want)
			}
			if got := part(t, text, 1); got != c.want {
				t.Errorf("claims:\ngot  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestTokensThatAreNotMinted(t *testing.T) {
	m := newMinter(t, ringOf(t, "EdDSA").Signer)
	for _, c := range []struct {
		name   string
		change func(c *token.Claims)
		text   string
	}{
		{"another issuer", func(c *token.Claims) { c.Issuer = "https://id.test.example" }, `the issuer is "https://id.test.example", and this minter is that of`},
		{"no subject", func(c *token.Claims) { c.Subject = "" }, "no subject"},
		{"no audience", func(c *token.Claims) { c.Audience = nil }, "no audience"},
		{"an empty audience", func(c *token.Claims) { c.Audience = []string{"db", ""} }, "no audience, or an empty one"},
		{"no expiry", func(c *token.Claims) { c.Expiry = time.Time{} }, "no expiry"},
		{"expired", func(c *token.Claims) { c.Expiry = now }, "expire on 2026-11-22T10:00:00Z, before it is good"},
		{"expired by a fraction", func(c *token.Claims) { c.Expiry = now.Add(time.Second - 1) }, "before it is good"},
		{"good only after it expires", func(c *token.Claims) { c.NotBefore = c.Expiry }, "before it is good"},
		{"longer than the longest", func(c *token.Claims) { c.Expiry = now.Add(24*time.Hour + time.Second) }, "would live for 24h0m1s, and the longest token lives for 24h0m0s"},
		{"issued in the future", func(c *token.Claims) { c.IssuedAt = now.Add(time.Second) }, "issued in the future"},
		{"issued before there were times", func(c *token.Claims) { c.IssuedAt = time.Unix(-1, 0) }, "before 1970"},
		{"good before there were times", func(c *token.Claims) { c.NotBefore = time.Unix(-1, 0) }, "before 1970"},
		{"a claim that has a field", func(c *token.Claims) { c.Extra = map[string]any{"exp": 1} }, `extra claim cannot have the name "exp"`},
		{"a claim without a name", func(c *token.Claims) { c.Extra = map[string]any{"": 1} }, `cannot have the name ""`},
		{"a claim that is no JSON", func(c *token.Claims) { c.Extra = map[string]any{"x": math.Inf(1)} }, `claim "x": json: unsupported value`},
		{"a claim that two parsers read in two ways", func(c *token.Claims) { c.Extra = map[string]any{"x": json.RawMessage(`{"a":1,"a":2}`)} }, `claim "x": "a" is there twice`},
		{"a subject that is no text", func(c *token.Claims) { c.Subject = "\xff" }, `claim "sub" is not UTF-8`},
		{"an audience that is no text", func(c *token.Claims) { c.Audience = []string{"db", "\xff"} }, `claim "aud" is not UTF-8`},
		{"a name that is no text", func(c *token.Claims) { c.Extra = map[string]any{"\xff": 1} }, "is not UTF-8"},
		{"too much", func(c *token.Claims) { c.Subject = strings.Repeat("x", 13000) }, "the longest has 16384"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := claims()
			c.change(in)
			text, err := m.Mint(in)
			if text != "" || !errors.Is(err, token.ErrClaims) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("%q, %v, want %q", text, err, c.text)
			}
		})
	}
}

func TestNoTokenWithoutASigner(t *testing.T) {
	r := ringOf(t, "EdDSA")
	if _, err := newMinter(t, func() (*keyring.Signer, error) { return r.SignerOf("RS256") }).Mint(claims()); !errors.Is(err, keyring.ErrNoSigningKey) {
		t.Errorf("without a key for the algorithm: %v", err)
	}
	m := newMinter(t, r.Signer)
	r.Close()
	if _, err := m.Mint(claims()); !errors.Is(err, keyring.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestMintersAndVerifiersThatCannotBeMeant(t *testing.T) {
	r := ringOf(t)
	for _, c := range []struct {
		name string
		make func() error
		text string
	}{
		{"a minter without a signer", func() error { _, err := token.NewMinter(nil, issuer, nil); return err }, "needs a signer and an issuer"},
		{"a minter without an issuer", func() error { _, err := token.NewMinter(r.Signer, "", nil); return err }, "needs a signer and an issuer"},
		{"a minter of dead tokens", func() error {
			_, err := token.NewMinter(r.Signer, issuer, &token.Options{TokenLifetime: -1})
			return err
		}, "TokenLifetime is -1ns"},
		{"a verifier without keys", func() error { _, err := token.NewVerifier(nil, issuer, audience, nil); return err }, "needs keys, an issuer and an audience"},
		{"a verifier without an issuer", func() error { _, err := token.NewVerifier(r, "", audience, nil); return err }, "needs keys"},
		{"a verifier for everybody", func() error { _, err := token.NewVerifier(r, issuer, "", nil); return err }, "needs keys"},
		{"a verifier with a lease that is none", func() error {
			_, err := token.NewVerifier(r, issuer, audience, &token.Options{Lease: -1})
			return err
		}, "Lease -1ns"},
	} {
		if err := c.make(); err == nil || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: error %v, want one that says %q", c.name, err, c.text)
		}
	}
}

func TestIDsDiffer(t *testing.T) {
	r := ringOf(t, "EdDSA")
	m, v := newMinter(t, r.Signer), newVerifier(t, r, nil)
	seen := map[string]bool{}
	for range 100 {
		c, err := v.Verify(mint(t, m, claims()))
		if err != nil {
			t.Fatal(err)
		}
		if len(c.ID) != 22 || seen[c.ID] {
			t.Errorf("ID %q", c.ID)
		}
		seen[c.ID] = true
	}
}

func TestAMinterFollowsItsRing(t *testing.T) {
	r := ringOf(t, "ES256")
	m := newMinter(t, r.Signer)
	for range 3 {
		id, err := r.Rotate(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got := part(t, mint(t, m, claims()), 0); !strings.Contains(got, id.String()) {
				t.Errorf("after a rotation to %s the header is %s", id, got)
			}
		}
	}
}

// TestTokensByGoJose: an implementation that is not ours reads what was minted, from the key alone.
func TestTokensByGoJose(t *testing.T) {
	for _, kind := range kinds {
		r := newRing(t, keystore.NewMemory(), kind.signing)
		text := mint(t, newMinter(t, r.Signer), claims())
		parsed, err := jwt.ParseSigned(text, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(kind.signing.Algorithms[0])})
		if err != nil {
			t.Fatal(err)
		}
		var c jwt.Claims
		if err := parsed.Claims(r.VerificationKeys()[0].Public, &c); err != nil {
			t.Fatalf("%s: %v", kind.name, err)
		}
		expected := jwt.Expected{Issuer: issuer, Subject: "emea:default:web", AnyAudience: jwt.Audience{audience}, Time: now}
		if err := c.ValidateWithLeeway(expected, 0); err != nil {
			t.Errorf("%s: %v", kind.name, err)
		}
		if parsed.Headers[0].KeyID != r.VerificationKeys()[0].KID {
			t.Errorf("%s: kid %q", kind.name, parsed.Headers[0].KeyID)
		}
	}
}

// TestWhatIsMintedIsWhatIsVerified: whatever claims Mint takes, Verify gives back.
func TestWhatIsMintedIsWhatIsVerified(t *testing.T) {
	r := ringOf(t, "EdDSA", "ES256")
	v := newVerifier(t, r, nil)
	text := rapid.StringN(1, 20, -1)
	rapid.Check(t, func(rt *rapid.T) {
		algorithm := rapid.SampledFrom([]string{"EdDSA", "ES256"}).Draw(rt, "algorithm")
		m := newMinter(t, func() (*keyring.Signer, error) { return r.SignerOf(algorithm) })
		in := &token.Claims{
			Issuer: issuer, Subject: text.Draw(rt, "subject"), Audience: append(rapid.SliceOfN(text, 0, 3).Draw(rt, "audience"), audience),
			Expiry:    now.Add(time.Duration(rapid.IntRange(1, 86400).Draw(rt, "expiry")) * time.Second),
			NotBefore: now.Add(-time.Duration(rapid.IntRange(0, 1e6).Draw(rt, "not before")) * time.Second),
			IssuedAt:  now.Add(-time.Duration(rapid.IntRange(0, 1e6).Draw(rt, "issued")) * time.Second),
			ID:        text.Draw(rt, "ID"),
		}
		names := rapid.MapOfN(rapid.StringMatching(`[a-zA-Z_]{4,8}`), rapid.String(), 0, 3).Draw(rt, "extra")
		for name, value := range names {
			if in.Extra == nil {
				in.Extra = map[string]any{}
			}
			in.Extra[name] = value
		}
		out, err := v.Verify(mint(rt, m, in))
		if err != nil {
			rt.Fatal(err)
		}
		if got, want := fmt.Sprintf("%q", out.Claims), fmt.Sprintf("%q", *in); got != want {
			rt.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

func TestTokensOfAllKinds(t *testing.T) {
	for _, kind := range kinds {
		r := newRing(t, keystore.NewMemory(), kind.signing)
		text := mint(t, newMinter(t, r.Signer), claims())
		got, err := newVerifier(t, r, nil).Verify(text)
		if err != nil || got.KID != r.VerificationKeys()[0].KID || got.Algorithm != kind.signing.Algorithms[0] {
			t.Errorf("%s: %+v, %v", kind.name, got, err)
		}
	}
}
