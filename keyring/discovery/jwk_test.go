package discovery

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
)

// The keys of the examples in RFC 8037, appendix A.2, and RFC 7517, appendix A.1.
const (
	exampleX  = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
	examplePX = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"
	examplePY = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"
	exampleN  = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_" +
		"2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-" +
		"bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
)

func decode(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSpellingOfKeys(t *testing.T) {
	point, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, decode(t, examplePX)...), decode(t, examplePY)...))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		algorithm string
		public    crypto.PublicKey
		want      string
	}{
		{"EdDSA", ed25519.PublicKey(decode(t, exampleX)), `{"kty":"OKP","use":"sig","alg":"EdDSA","kid":"k","crv":"Ed25519","x":"` + exampleX + `"}`},
		{"ES256", point, `{"kty":"EC","use":"sig","alg":"ES256","kid":"k","crv":"P-256","x":"` + examplePX + `","y":"` + examplePY + `"}`},
		{"RS256", &rsa.PublicKey{N: new(big.Int).SetBytes(decode(t, exampleN)), E: 65537},
			`{"kty":"RSA","use":"sig","alg":"RS256","kid":"k","n":"` + exampleN + `","e":"AQAB"}`},
	} {
		d := documents(t, &Options{Clock: at(newYear)}, vk("k", c.algorithm, func(k *keyring.VerificationKey) { k.Public = c.public }))
		if got, want := string(d.JWKS), `{"keys":[`+c.want+"]}\n"; got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.algorithm, got, want)
		}
	}
}

// TestDamagedKeysAreLeftOut has a key of each kind that cannot be published among others that can: those stay.
func TestDamagedKeysAreLeftOut(t *testing.T) {
	with := func(public crypto.PublicKey) func(*keyring.VerificationKey) {
		return func(k *keyring.VerificationKey) { k.Public = public }
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	noPoint := &ecdsa.PublicKey{Curve: elliptic.P256()}
	//lint:ignore SA1019 nothing else makes what is no key
	noPoint.X, noPoint.Y = big.NewInt(1), big.NewInt(1)
	for _, c := range []struct {
		name string
		key  keyring.VerificationKey
		want string
	}{
		{"its public half does not parse", vk("bad", "EdDSA", damaged(errors.New("bits have flipped"))), "bits have flipped"},
		{"none", vk("bad", "EdDSA", with(nil)), "it is a key of another kind than EdDSA"},
		{"a secret for a public key", vk("bad", "RS256", with([]byte("secret"))), "it is a key of another kind than RS256"},
		{"P-256 as EdDSA", vk("bad", "EdDSA", with(publicOf["ES256"]())), "it is a key of another kind than EdDSA"},
		{"Ed25519 as RS256", vk("bad", "RS256", with(publicOf["EdDSA"]())), "it is a key of another kind than RS256"},
		{"RSA as ES256", vk("bad", "ES256", with(publicOf["RS256"]())), "it is a key of another kind than ES256"},
		{"RSA as HS256", vk("bad", "RS256", func(k *keyring.VerificationKey) { k.Algorithm = "HS256" }), "it is a key of another kind than HS256"},
		{"an algorithm that is none", vk("bad", "EdDSA", func(k *keyring.VerificationKey) { k.Algorithm = "none" }), "it is a key of another kind than none"},
		{"Ed25519 that is cut", vk("bad", "EdDSA", with(ed25519.PublicKey("short"))), "it is a key of another kind than EdDSA"},
		{"P-384", vk("bad", "ES256", with(p384.Public())), "it is a key of another kind than ES256"},
		{"RSA of 1024 bits", vk("bad", "RS256", with(&rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 1023), E: 65537})), "it has 1024 bits"},
		{"no point of the curve", vk("bad", "ES256", with(noPoint)), "no point of P-256"},
		{"the kid of another", vk("now", "EdDSA"), "another key of the keystore has the same kid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := documents(t, &Options{Clock: at(newYear)}, vk("now", "ES256"), c.key, vk("old", "RS256", retired(0)))
			if got := kids(t, d); strings.Join(got, " ") != "now old" {
				t.Errorf("the set has %q", got)
			}
			if !strings.Contains(string(d.JWKS), `"alg":"ES256","kid":"now"`) {
				t.Errorf("the first key of a kid is not the one that is served: %s", d.JWKS)
			}
			if len(d.Damaged) != 1 || d.Damaged[0].Key != c.key.Key || d.Damaged[0].KID != c.key.KID || !strings.Contains(d.Damaged[0].Err.Error(), c.want) {
				t.Errorf("damaged: %v, want %s: …%s", d.Damaged, c.key.KID, c.want)
			}
		})
	}
}

// TestDamagedKeysOutsideOfTheSet holds that nobody is told of damage that changes nothing.
func TestDamagedKeysOutsideOfTheSet(t *testing.T) {
	bad := damaged(errors.New("bits have flipped"))
	d := documents(t, &Options{Clock: at(newYear)}, vk("a", "EdDSA", bad, compromised), vk("b", "EdDSA", retired(1000*time.Hour), bad))
	if len(d.Damaged) != 0 {
		t.Errorf("damaged: %v", d.Damaged)
	}
}
