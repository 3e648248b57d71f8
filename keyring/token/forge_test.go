package token_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"testing"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/token"
	"github.com/sealwax/sealwax/keystore"
)

// forge returns a token of this header and these claims, signed as the private half can, whatever they say.
func forge(t testing.TB, private crypto.Signer, header, payload string) string {
	t.Helper()
	input := encode([]byte(header)) + "." + encode([]byte(payload))
	digest := sha256.Sum256([]byte(input))
	var signature []byte
	var err error
	switch private := private.(type) {
	case ed25519.PrivateKey:
		signature = ed25519.Sign(private, []byte(input))
	case *rsa.PrivateKey:
		signature, err = rsa.SignPKCS1v15(nil, private, crypto.SHA256, digest[:])
	case *ecdsa.PrivateKey:
		r, s, signErr := ecdsa.Sign(rand.Reader, private, digest[:])
		signature, err = make([]byte, 64), signErr
		r.FillBytes(signature[:32])
		s.FillBytes(signature[32:])
	}
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + encode(signature)
}

// forgeHMAC returns a token that is authenticated with a secret.
func forgeHMAC(secret []byte, header, payload string) string {
	input := encode([]byte(header)) + "." + encode([]byte(payload))
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(input))
	return input + "." + encode(mac.Sum(nil))
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// forger has a private key of each algorithm, whose public halves are a set of active keys with the kids "ed", "ec" and
// "rsa".
type forger struct {
	ed  ed25519.PrivateKey
	ec  *ecdsa.PrivateKey
	rsa *rsa.PrivateKey
}

func newForger(t testing.TB) *forger {
	t.Helper()
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return &forger{ed, ec, rs}
}

func (f *forger) keys() []keyring.VerificationKey {
	return []keyring.VerificationKey{
		{KID: "ed", Algorithm: "EdDSA", Public: f.ed.Public(), State: keystore.Active},
		{KID: "ec", Algorithm: "ES256", Public: f.ec.Public(), State: keystore.Active},
		{KID: "rsa", Algorithm: "RS256", Public: f.rsa.Public(), State: keystore.Active},
	}
}

func (f *forger) set(t testing.TB, change ...func(k *keyring.VerificationKey)) *token.KeySet {
	t.Helper()
	keys := f.keys()
	for i := range keys {
		for _, c := range change {
			c(&keys[i])
		}
	}
	s, err := token.NewKeySet(keys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func pkix(t testing.TB, public crypto.PublicKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return der
}
