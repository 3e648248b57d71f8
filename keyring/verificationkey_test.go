package keyring

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sealwax/sealwax/keystore"
)

// rsaOf returns an RSA key of that many bits, the same at each call: making one takes a tenth of a second.
var rsaOf = func() func(t testing.TB, bits int) *rsa.PrivateKey {
	var mu sync.Mutex
	made := map[int]*rsa.PrivateKey{}
	return func(t testing.TB, bits int) *rsa.PrivateKey {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		if made[bits] == nil {
			k, err := rsa.GenerateKey(rand.Reader, bits)
			if err != nil {
				t.Fatal(err)
			}
			made[bits] = k
		}
		return made[bits]
	}
}()

func ecdsaOf(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func ed25519Of(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, k, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func pkix(t testing.TB, public crypto.PublicKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// publicOf is a signing key of which only the public half is anything.
func publicOf(t testing.TB, algorithm string, public crypto.PublicKey) keystore.SigningKey {
	t.Helper()
	return keystore.SigningKey{Algorithm: algorithm, Public: pkix(t, public), SealedPrivate: make([]byte, 60)}
}

func TestVerificationKeysSayWhatTheKeystoreSays(t *testing.T) {
	r := localRing(t)
	ec, ed, rs := ecdsaOf(t, elliptic.P256()), ed25519Of(t), rsaOf(t, 2048)
	rotate(t, r)
	rotate(t, r)
	edit(t, r, func(c *keystore.Contents, _ *root) {
		c.Keys[0].Signing = []keystore.SigningKey{publicOf(t, "RS256", rs.Public())}
		c.Keys[0].Compromised = true
		c.Keys[1].Signing = []keystore.SigningKey{{Algorithm: "EdDSA", Public: []byte("damaged"), SealedPrivate: make([]byte, 60)}}
		c.Keys[2].Signing = []keystore.SigningKey{publicOf(t, "ES256", ec.Public()), publicOf(t, "EdDSA", ed.Public())}
	})
	c := r.state.Load().contents
	old, damaged, active := c.Keys[0], c.Keys[1], c.Keys[2]
	got := VerificationKeys(c)
	for i, want := range []VerificationKey{
		{KID: old.ID.String(), Key: old.ID, Algorithm: "RS256", Public: rs.Public(), State: keystore.Retired, Compromised: true,
			Created: old.Created, Activated: old.Activated, Retired: old.Retired},
		{KID: damaged.ID.String(), Key: damaged.ID, Algorithm: "EdDSA", State: keystore.Retired,
			Created: damaged.Created, Activated: damaged.Activated, Retired: damaged.Retired},
		{KID: active.ID.String(), Key: active.ID, Algorithm: "ES256", Public: ec.Public(), State: keystore.Active,
			Created: active.Created, Activated: active.Activated},
		{KID: active.ID.String() + "-EdDSA", Key: active.ID, Algorithm: "EdDSA", Public: ed.Public(), State: keystore.Active,
			Created: active.Created, Activated: active.Activated},
	} {
		err := got[i].Err
		got[i].Err = nil
		if !samePublic(got[i].Public, want.Public) {
			t.Errorf("%s: public half %v, want %v", want.KID, got[i].Public, want.Public)
		}
		got[i].Public, want.Public = nil, nil
		if got[i] != want {
			t.Errorf("got  %+v\nwant %+v", got[i], want)
		}
		if (i == 1) != (err != nil) || err != nil && (!errors.Is(err, ErrKeyUnusable) || !strings.Contains(err.Error(), damaged.ID.String())) {
			t.Errorf("%s: error %v", want.KID, err)
		}
	}
	if len(got) != 4 {
		t.Errorf("%d verification keys, want 4", len(got))
	}
}

func samePublic(a, b crypto.PublicKey) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return a.(interface{ Equal(crypto.PublicKey) bool }).Equal(b)
}

func TestAPublicHalfIsOfItsAlgorithmAndOfNoOther(t *testing.T) {
	ec, ed, rs := ecdsaOf(t, elliptic.P256()).Public(), ed25519Of(t).Public(), rsaOf(t, 2048).Public()
	oddExponent := &rsa.PublicKey{N: rsaOf(t, 2048).N, E: 3}
	short := &rsa.PublicKey{N: rsaOf(t, 2048).N, E: 65537}
	short.N = new(big.Int).Rsh(short.N, 1024)
	long := &rsa.PublicKey{N: new(big.Int).Lsh(rsaOf(t, 2048).N, 2056), E: 65537}
	for _, c := range []struct {
		name      string
		algorithm string
		der       []byte
		text      string // "" for one that is right
	}{
		{"Ed25519", "EdDSA", pkix(t, ed), ""},
		{"P-256", "ES256", pkix(t, ec), ""},
		{"RSA 2048", "RS256", pkix(t, rs), ""},
		{"RSA 3072", "RS256", pkix(t, rsaOf(t, 3072).Public()), ""},
		{"Ed25519 as ES256", "ES256", pkix(t, ed), "another kind than ES256"},
		{"Ed25519 as RS256", "RS256", pkix(t, ed), "another kind than RS256"},
		{"P-256 as EdDSA", "EdDSA", pkix(t, ec), "another kind than EdDSA"},
		{"RSA as ES256", "ES256", pkix(t, rs), "another kind than ES256"},
		{"P-384 as ES256", "ES256", pkix(t, ecdsaOf(t, elliptic.P384()).Public()), "another kind than ES256"},
		{"an algorithm of no format", "HS256", pkix(t, rs), "another kind than HS256"},
		{"RSA 1024", "RS256", pkix(t, short), "1024 bits"},
		{"RSA 4104", "RS256", pkix(t, long), "4104 bits"},
		{"exponent 3", "RS256", pkix(t, oddExponent), "exponent is 3"},
		{"nothing", "EdDSA", nil, "PKIX"},
		{"PKCS #1", "RS256", x509.MarshalPKCS1PublicKey(rs.(*rsa.PublicKey)), "PKIX"},
		{"a byte more", "EdDSA", append(pkix(t, ed), 0), "PKIX"},
		{"a byte less", "ES256", pkix(t, ec)[:90], "PKIX"},
		{"compressed point", "ES256", compressed(t, ec.(*ecdsa.PublicKey)), "PKIX"},
		{"something behind the key", "EdDSA", append(flip(pkix(t, ed), 1, 0x2a^0x2c), 5, 0), "not spelled"},
		{"a point that is not on the curve", "ES256", flip(pkix(t, ec), 90, 1), "PKIX"},
	} {
		t.Run(c.name, func(t *testing.T) {
			public, err := parsePublic(c.algorithm, c.der)
			if c.text == "" && (err != nil || public == nil) {
				t.Errorf("refused: %v", err)
			}
			if c.text != "" && (err == nil || public != nil || !strings.Contains(err.Error(), c.text)) {
				t.Errorf("%v, error %v, want one that says %q", public, err, c.text)
			}
		})
	}
}

func TestRingKeepsItsVerificationKeys(t *testing.T) {
	r := localRing(t)
	edit(t, r, func(c *keystore.Contents, _ *root) {
		c.Keys[0].Signing = []keystore.SigningKey{publicOf(t, "EdDSA", ed25519Of(t).Public()), publicOf(t, "ES256", ecdsaOf(t, elliptic.P256()).Public())}
	})
	keys := r.VerificationKeys()
	keys[0].KID = "changed by the caller"
	again := r.VerificationKeys()
	if again[0].KID == keys[0].KID || again[1].Public != keys[1].Public {
		t.Error("VerificationKeys shares its slice with the caller, or parses at each call")
	}
	id := r.Keys()[0].ID.String()
	for _, kid := range []string{id, id + "-ES256"} {
		if v, ok := r.VerificationKey(kid); !ok || v.KID != kid || v.Public == nil {
			t.Errorf("VerificationKey(%s) = %+v, %v", kid, v, ok)
		}
	}
	for _, kid := range []string{"", id + "-EdDSA", id[1:], strings.ToUpper(id), keystore.NewID().String()} {
		if v, ok := r.VerificationKey(kid); ok || v != (VerificationKey{}) {
			t.Errorf("VerificationKey(%q) = %+v", kid, v)
		}
	}
	if n := testing.AllocsPerRun(10, func() { r.VerificationKey(id) }); n != 0 {
		t.Errorf("VerificationKey allocates %v times", n)
	}
	rotate(t, r)
	if v, _ := r.VerificationKey(id); v.State != keystore.Retired {
		t.Errorf("after a rotation it is %s", v.State)
	}
	r.Close()
	if got := r.VerificationKeys(); len(got) != 2 {
		t.Errorf("a closed ring has %d verification keys, want those of the last generation", len(got))
	}
	if v, ok := r.VerificationKey(id); ok {
		t.Errorf("a closed ring vouches for %+v", v)
	}
}

// TestVerificationKeysOfOldKeystores: the signing keys in the first keystores of the format were random bytes.
func TestVerificationKeysOfOldKeystores(t *testing.T) {
	for name, want := range map[string]struct {
		keys   int
		usable bool
	}{"format-states.jsonl": {2, false}, "ring-signing.jsonl": {3, true}} {
		file, err := os.ReadFile(filepath.Join(foreverDir, name))
		if err != nil {
			t.Fatal(err)
		}
		c, err := keystore.Parse(file)
		if err != nil {
			t.Fatal(err)
		}
		got := VerificationKeys(c)
		for _, v := range got {
			if (v.Err == nil) != want.usable || (v.Public != nil) != want.usable {
				t.Errorf("%s: %+v", name, v)
			}
		}
		if len(got) != want.keys {
			t.Errorf("%s: %d verification keys, want %d", name, len(got), want.keys)
		}
	}
}

// compressed is the SubjectPublicKeyInfo of a point in its short form, about which programs differ.
func compressed(t *testing.T, public *ecdsa.PublicKey) []byte {
	t.Helper()
	point, err := public.Bytes() // 4, x, y
	if err != nil {
		t.Fatal(err)
	}
	head := bytes.TrimSuffix(pkix(t, public), point)
	head[1], head[len(head)-2] = head[1]-32, head[len(head)-2]-32
	return slices.Concat(head, []byte{2 + point[64]&1}, point[1:33])
}

func flip(b []byte, at int, bits byte) []byte {
	b[at] ^= bits
	return b
}
