package token_test

import (
	"strings"
	"testing"

	"github.com/sealwax/sealwax/keyring/token"
)

// FuzzVerify holds that nothing panics and that a token has one spelling: what verifies is one of those that were signed.
func FuzzVerify(f *testing.F) {
	forger := newForger(f)
	v := newVerifier(f, forger.set(f), nil)
	signed := map[string]bool{}
	for _, text := range []string{
		forge(f, forger.ed, `{"alg":"EdDSA","kid":"ed"}`, good),
		forge(f, forger.ec, `{"alg":"ES256","kid":"ec","typ":"JWT"}`, good),
		forge(f, forger.rsa, `{"alg":"RS256","kid":"rsa"}`, good),
	} {
		signed[text] = true
		f.Add(text)
		f.Add(text + ".")
		f.Add(strings.Replace(text, ".", "=.", 1))
	}
	f.Add(encode([]byte(`{"alg":"none","kid":"ed"}`)) + "." + encode([]byte(good)) + ".")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := v.Verify(text)
		if (err == nil) != signed[text] || (c == nil) != (err != nil) {
			t.Errorf("%q: %+v, %v", text, c, err)
		}
	})
}

// FuzzClaims holds that nothing that is signed makes a verifier panic, and that what it accepts is for it.
func FuzzClaims(f *testing.F) {
	forger := newForger(f)
	v := newVerifier(f, forger.set(f), nil)
	for _, s := range []string{good, `{}`, strings.Replace(good, "1795345200", "1.7953452e9", 1), strings.Replace(good, `"db"`, `["x","db"]`, 1)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, claims string) {
		c, err := v.Verify(forge(t, forger.ed, `{"alg":"EdDSA","kid":"ed"}`, claims))
		if err == nil && (c.Issuer != issuer || c.Subject == "" || !now.Before(c.Expiry.Add(61e9))) {
			t.Errorf("%q: %+v", claims, c)
		}
	})
}

// FuzzParseJWKS holds that nothing panics and that a key is either one or has a reason.
func FuzzParseJWKS(f *testing.F) {
	f.Add(newForger(f).jwks(f), "ed")
	f.Add(`{"keys":[{"kid":"a"}]}`, "a")
	f.Fuzz(func(t *testing.T, document, kid string) {
		s, err := token.ParseJWKS([]byte(document))
		if err != nil {
			return
		}
		if k, ok := s.VerificationKey(kid); ok && (k.KID != kid || (k.Public == nil) != (k.Err != nil)) {
			t.Errorf("%+v", k)
		}
	})
}
