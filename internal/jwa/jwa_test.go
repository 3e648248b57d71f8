package jwa

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"math/big"
	"strings"
	"testing"
)

func rsaWith(bits, e int) *rsa.PublicKey {
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	return &rsa.PublicKey{N: n.SetBit(n, 0, 1), E: e}
}

func TestAKeyIsForItsAlgorithmAndForNoOther(t *testing.T) {
	for _, c := range []struct {
		name   string
		public crypto.PublicKey
		only   string // the one algorithm, "" for none
		text   string
	}{
		{"Ed25519", make(ed25519.PublicKey, 32), EdDSA, ""},
		{"Ed25519 that is cut", make(ed25519.PublicKey, 31), "", "another kind"},
		{"P-256", &ecdsa.PublicKey{Curve: elliptic.P256()}, ES256, ""},
		{"P-384", &ecdsa.PublicKey{Curve: elliptic.P384()}, "", "another kind"},
		{"RSA 2048", rsaWith(2048, 65537), RS256, ""},
		{"RSA 4096", rsaWith(4096, 65537), RS256, ""},
		{"RSA 2040", rsaWith(2040, 65537), "", "2040 bits"},
		{"RSA 2049", rsaWith(2049, 65537), "", "2049 bits"},
		{"RSA 4104", rsaWith(4104, 65537), "", "4104 bits"},
		{"RSA with exponent 3", rsaWith(2048, 3), "", "exponent is 3"},
		{"bytes", []byte("secret"), "", "another kind"},
		{"none", nil, "", "another kind"},
	} {
		for _, algorithm := range append([]string{"none", "HS256", "ES384", "PS256", "eddsa"}, Names...) {
			err := Check(algorithm, c.public)
			if (err == nil) != (algorithm == c.only) {
				t.Errorf("%s as %q: %v", c.name, algorithm, err)
			}
			if _, isRSA := c.public.(*rsa.PublicKey); err != nil && c.text != "" && (!isRSA || algorithm == RS256) && !strings.Contains(err.Error(), c.text) {
				t.Errorf("%s as %q: error %q does not say %q", c.name, algorithm, err, c.text)
			}
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]bool{"EdDSA": true, "ES256": true, "RS256": true, "": false, "none": false, "es256": false, "HS256": false, "RS512": false} {
		if Known(name) != want {
			t.Errorf("Known(%q) is %v", name, !want)
		}
	}
	if Hash(EdDSA) != 0 || Hash(ES256) != crypto.SHA256 || Hash(RS256) != crypto.SHA256 {
		t.Error("EdDSA signs the message, the others its SHA-256")
	}
}
