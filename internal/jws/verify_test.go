package jws

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/jwa"
)

var b64 = base64.RawURLEncoding.EncodeToString

// signed returns the compact form of payload under a header, signed with a key that says nothing of itself.
func signed(private ed25519.PrivateKey, header, payload string) string {
	input := b64([]byte(header)) + "." + b64([]byte(payload))
	return input + "." + b64(ed25519.Sign(private, []byte(input)))
}

func TestVerify(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	errNone := errors.New("no such key")
	find := func(kid string) (Key, error) {
		switch kid {
		case "k":
			return Key{jwa.EdDSA, public}, nil
		case "es":
			return Key{jwa.ES256, public}, nil // a key that is of another kind than it says
		}
		return Key{}, errNone
	}
	const head = `{"alg":"EdDSA","kid":"k"}`
	good := signed(private, head, "hello")
	parts := strings.Split(good, ".")
	last := parts[2]
	for _, c := range []struct {
		name  string
		token string
		cause error // nil for one that verifies
		text  string
	}{
		{"good", good, nil, ""},
		{"with a type", signed(private, `{"typ":"JWT","alg":"EdDSA","kid":"k"}`, "hello"), nil, ""},
		{"with a type in lower case", signed(private, `{"typ":"jwt","alg":"EdDSA","kid":"k"}`, "hello"), nil, ""},
		{"spaces inside of the header", signed(private, ` { "alg" : "EdDSA" , "kid" : "k" } `, "hello"), nil, ""},

		{"another payload", parts[0] + "." + b64([]byte("hullo")) + "." + last, ErrSignature, ""},
		{"a bit of the signature", parts[0] + "." + parts[1] + "." + flipped(last), ErrSignature, ""},
		{"no signature", parts[0] + "." + parts[1] + ".", ErrSignature, ""},
		{"a signature that is cut", parts[0] + "." + parts[1] + "." + last[:80], ErrSignature, ""},
		{"a key of another kind", signed(private, `{"alg":"ES256","kid":"es"}`, "hello"), ErrSignature, "another kind than ES256"},

		{"nothing", "", ErrMalformed, "1 parts"},
		{"two parts", parts[0] + "." + parts[1], ErrMalformed, "2 parts"},
		{"a dot at the end", good + ".", ErrMalformed, "4 parts"},
		{"five parts, as of JWE", good + "..", ErrMalformed, "5 parts"},
		{"the JSON form", `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + last + `"}`, ErrMalformed, "1 parts"},
		{"too long", signed(private, head, strings.Repeat("x", MaxSize)), ErrMalformed, "the longest has 16384"},
		{"a line break at the end", good + "\n", ErrMalformed, "base64url"},
		{"a line break inside", parts[0] + "." + parts[1] + ".\r\n" + last, ErrMalformed, "base64url"},
		{"a space in front", " " + good, ErrMalformed, "base64url"},
		{"padded", good + "==", ErrMalformed, "base64url"},
		{"base64 of the other alphabet", strings.ReplaceAll(parts[0]+"."+parts[1]+".", ".", "+.") + last, ErrMalformed, "base64url"},
		{"stray bits", good[:len(good)-1] + string(stray(good[len(good)-1])), ErrMalformed, "base64url"},
		{"a character less", good[:len(good)-1], ErrMalformed, "base64url"},

		{"no header", "." + parts[1] + "." + last, ErrMalformed, "header: not a JSON object"},
		{"a header that is no object", signed(private, `"EdDSA"`, "hello"), ErrMalformed, "header: not a JSON object"},
		{"alg twice", signed(private, `{"alg":"EdDSA","alg":"EdDSA","kid":"k"}`, "hello"), ErrMalformed, `"alg" is there twice`},
		{"kid twice, spelled in two ways", signed(private, `{"alg":"EdDSA","kid":"k","\u006bid":"k"}`, "hello"), ErrMalformed, `"kid" is there twice`},
		{"no alg", signed(private, `{"kid":"k"}`, "hello"), ErrMalformed, "no alg"},
		{"an alg in capitals", signed(private, `{"ALG":"EdDSA","kid":"k"}`, "hello"), ErrMalformed, `has "ALG"`},
		{"an alg that is no string", signed(private, `{"alg":["EdDSA"],"kid":"k"}`, "hello"), ErrMalformed, `"alg" in its header is no string`},
		{"an alg that is null", signed(private, `{"alg":null,"kid":"k"}`, "hello"), ErrMalformed, `"alg" in its header is no string, or an empty one`},
		{"no kid", signed(private, `{"alg":"EdDSA"}`, "hello"), ErrMalformed, "no kid"},
		{"a kid that is empty", signed(private, `{"alg":"EdDSA","kid":""}`, "hello"), ErrMalformed, `"kid" in its header is no string, or an empty one`},
		{"another type", signed(private, `{"alg":"EdDSA","kid":"k","typ":"at+jwt"}`, "hello"), ErrMalformed, `type "at+jwt"`},
		{"a token in it", signed(private, `{"alg":"EdDSA","kid":"k","cty":"JWT"}`, good), ErrMalformed, `has "cty"`},
		{"something that must be understood", signed(private, `{"alg":"EdDSA","kid":"k","crit":["exp"],"exp":1}`, "hello"), ErrMalformed, "verifiers know alg, kid and typ"},
		{"crit alone", signed(private, `{"alg":"EdDSA","kid":"k","crit":[]}`, "hello"), ErrMalformed, `has "crit"`},
		{"a payload that is not encoded", parts[0] + ".hello." + last, ErrMalformed, "base64url"},
		{"b64", signed(private, `{"alg":"EdDSA","kid":"k","b64":false}`, "hello"), ErrMalformed, `has "b64"`},
		{"a key of its own", signed(private, fmt.Sprintf(`{"alg":"EdDSA","kid":"k","jwk":{"kty":"OKP","crv":"Ed25519","x":%q}}`, b64(public)), "hello"), ErrMalformed, `has "jwk"`},
		{"the address of a key", signed(private, `{"alg":"EdDSA","kid":"k","jku":"https://example.org/"}`, "hello"), ErrMalformed, `has "jku"`},
		{"a certificate", signed(private, `{"alg":"EdDSA","kid":"k","x5c":["MIIB"]}`, "hello"), ErrMalformed, `has "x5c"`},

		{"none", b64([]byte(`{"alg":"none","kid":"k"}`)) + "." + parts[1] + ".", ErrAlgorithm, `no key is for "none"`},
		{"none in another spelling", b64([]byte(`{"alg":"NonE","kid":"k"}`)) + "." + parts[1] + ".", ErrAlgorithm, `no key is for "NonE"`},
		{"HS256", signed(private, `{"alg":"HS256","kid":"k"}`, "hello"), ErrAlgorithm, `no key is for "HS256"`},
		{"the algorithm of another key", signed(private, `{"alg":"RS256","kid":"k"}`, "hello"), ErrAlgorithm, "says RS256, and key k is for EdDSA"},
		{"an unknown key", signed(private, `{"alg":"EdDSA","kid":"x"}`, "hello"), errNone, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			payload, err := Verify(c.token, find)
			if c.cause == nil {
				if err != nil || string(payload) != "hello" {
					t.Errorf("%q, %v", payload, err)
				}
				return
			}
			if payload != nil || !errors.Is(err, c.cause) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("%q, %v, want %v that says %q", payload, err, c.cause, c.text)
			}
		})
	}
}

func flipped(part string) string {
	b, _ := base64.RawURLEncoding.DecodeString(part)
	b[10] ^= 1
	return b64(b)
}

// stray returns a last character for the same bytes: of 64 bytes it carries 4 bits that belong to none.
func stray(c byte) byte {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return alphabet[strings.IndexByte(alphabet, c)|1]
}
