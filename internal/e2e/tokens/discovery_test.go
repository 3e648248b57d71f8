// Package tokens has others verify the tokens that our keys sign.
package tokens

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestOthersVerify has verifiers that are not ours follow an issuer through the life of its keys, by nothing but the
// issuer's URL.
func TestOthersVerify(t *testing.T) {
	for _, bits := range []int{2048, 3072} {
		t.Run(fmt.Sprint(bits), func(t *testing.T) {
			i := newIssuer(t, bits)
			js := startJavaScript(t, i.certificate(t))
			all := i.verifiers(t, js)
			first := i.mintAll(t)
			i.want(t, "new", all, first, 1)
			i.want(t, "known", all, first, 0)

			// A prepublished key is known before it signs.
			id, err := i.Prepublish(t.Context(), time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			early := i.verifiers(t, js)
			i.want(t, "prepublished", early, first, 1)
			if err := i.Activate(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			second := i.mintAll(t)
			i.want(t, "active, and known before", early, second, 0)
			i.want(t, "active, and not known", all, second, 1)
			i.want(t, "retired", i.verifiers(t, js), first, 1)

			// A rotation without notice costs who asks again one request.
			if _, err := i.Rotate(t.Context()); err != nil {
				t.Fatal(err)
			}
			third := i.mintAll(t)
			i.want(t, "rotated", all, third, 1)
			i.want(t, "two times retired", all, first, 0)

			// A key that is marked compromised is gone for whoever asks from now on, and no other key with it.
			if err := i.MarkCompromised(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			after := i.verifiers(t, js)
			i.want(t, "others than the compromised one", after, append(third, first...), 1)
			i.wantRefused(t, "compromised", after, second)
		})
	}
}

// want has all verify all tokens, and wants each of them to ask for the key set so often.
func (i *issuer) want(t *testing.T, what string, all map[string]verifier, tokens []minted, requests int64) {
	t.Helper()
	for name, v := range all {
		before := i.asked.Load()
		for _, m := range tokens {
			if got, kid, err := v.verify(t, m.text); err != nil || got != subject || kid != m.kid {
				t.Errorf("%s, %s: got %q, %q, %v; want %q, %q", what, name, got, kid, err, subject, m.kid)
			}
		}
		if n := i.asked.Load() - before; n != requests {
			t.Errorf("%s, %s: the key set was asked for %d times, want %d", what, name, n, requests)
		}
	}
}

func (i *issuer) wantRefused(t *testing.T, what string, all map[string]verifier, tokens []minted) {
	t.Helper()
	for name, v := range all {
		for _, m := range tokens {
			if got, _, err := v.verify(t, m.text); err == nil {
				t.Errorf("%s, %s: it verifies a token of %q, key %s", what, name, got, m.kid)
			}
		}
	}
}

// TestAlgorithmsAreNotConfused makes tokens of what is public, as who has no key would.
func TestAlgorithmsAreNotConfused(t *testing.T) {
	i := newIssuer(t, 2048)
	all := i.verifiers(t, startJavaScript(t, i.certificate(t)))
	genuine := make(map[string]minted)
	for _, algorithm := range algorithms {
		genuine[algorithm] = i.mint(t, algorithm)
	}
	i.want(t, "genuine", all, []minted{genuine["EdDSA"], genuine["ES256"], genuine["RS256"]}, 1)
	var forged []minted
	for _, m := range genuine {
		payload := strings.Split(m.text, ".")[1]
		for _, algorithm := range append([]string{"none", "HS256"}, algorithms...) {
			if m.text == genuine[algorithm].text {
				continue
			}
			signed := encode(fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":"JWT"}`, algorithm, m.kid)) + "." + payload
			mac := hmac.New(sha256.New, i.publicPEM(t, m.kid))
			mac.Write([]byte(signed))
			forged = append(forged, minted{signed + "." + encode(string(mac.Sum(nil))), algorithm + " for " + m.kid},
				minted{signed + "." + strings.Split(m.text, ".")[2], algorithm + " for " + m.kid}, minted{signed + ".", algorithm + " for " + m.kid})
		}
	}
	if len(forged) != 3*4*3 {
		t.Errorf("%d forgeries", len(forged))
	}
	i.wantRefused(t, "forged", all, forged)
}

// publicPEM is the public half of a signing key as it lies about in files: the secret of whoever takes it for one of HS256.
func (i *issuer) publicPEM(t *testing.T, kid string) []byte {
	t.Helper()
	k, ok := i.VerificationKey(kid)
	if !ok {
		t.Fatalf("no verification key %s", kid)
	}
	der, err := x509.MarshalPKIXPublicKey(k.Public)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func encode(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
