package discovery

import (
	"bytes"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// members are what an element of the set may have, by its kty. There is none that is private.
var members = map[string][]string{
	"OKP": {"alg", "crv", "kid", "kty", "use", "x"},
	"EC":  {"alg", "crv", "kid", "kty", "use", "x", "y"},
	"RSA": {"alg", "e", "kid", "kty", "n", "use"},
}

// drawKey draws a key that need not make sense: of any state, with times in any order, damaged, its public half of another
// algorithm, its kid that of another key.
func drawKey(t *rapid.T) keyring.VerificationKey {
	when := func(name string) time.Time {
		return newYear.Add(time.Duration(rapid.IntRange(-100, 100).Draw(t, name)) * time.Hour)
	}
	k := keyring.VerificationKey{
		Key: keystore.NewID(), KID: rapid.SampledFrom([]string{"a", "b", "c", "", "\"<&>\"", "é"}).Draw(t, "kid"),
		Algorithm:   rapid.SampledFrom([]string{"EdDSA", "ES256", "RS256", "none", "HS256", ""}).Draw(t, "algorithm"),
		Public:      rapid.SampledFrom([]crypto.PublicKey{publicOf["EdDSA"](), publicOf["ES256"](), publicOf["RS256"](), nil, []byte("secret")}).Draw(t, "public"),
		State:       keystore.State(rapid.IntRange(0, 5).Draw(t, "state")),
		Compromised: rapid.IntRange(0, 4).Draw(t, "compromised") == 0,
		Created:     when("created"), Activates: when("activates"), Activated: when("activated"), Retired: when("retired"),
	}
	if rapid.Bool().Draw(t, "it makes sense") {
		k.Algorithm = rapid.SampledFrom(slices.Sorted(maps.Keys(publicOf))).Draw(t, "algorithm that it has")
		k.Public = publicOf[k.Algorithm]()
	}
	if rapid.IntRange(0, 9).Draw(t, "damaged") == 0 {
		k.Err = errors.New("damaged")
	}
	return k
}

// TestWhateverKeysThereAre holds that the set is one which an independent implementation takes, that no kid is there
// twice, that nothing private can be in it, and that each key is bound to the algorithm that fits it.
func TestWhateverKeysThereAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfN(rapid.Custom(drawKey), 0, 12).Draw(t, "keys")
		d, err := NewDocuments(keys, &Options{Issuer: "https://example.com", Clock: at(newYear)})
		if err != nil {
			t.Fatal(err)
		}
		var set jose.JSONWebKeySet
		if err := json.Unmarshal(d.JWKS, &set); err != nil || len(set.Keys) != d.Keys {
			t.Fatalf("go-jose: %d of %d keys, %v: %s", len(set.Keys), d.Keys, err, d.JWKS)
		}
		for _, k := range set.Keys {
			if !k.Valid() || !k.IsPublic() || k.Use != "sig" || len(set.Key(k.KeyID)) != 1 {
				t.Errorf("go-jose: valid %v, public %v, use %q, %d keys of kid %q", k.Valid(), k.IsPublic(), k.Use, len(set.Key(k.KeyID)), k.KeyID)
			}
			if !slices.ContainsFunc(keys, func(v keyring.VerificationKey) bool { return isOf(&v, &k) }) {
				t.Errorf("no key of the ring that may be published is %q, %s, %T", k.KeyID, k.Algorithm, k.Key)
			}
		}
		wantMembers(t, d.JWKS)
		if again, _ := NewDocuments(keys, &Options{Issuer: "https://example.com", Clock: at(newYear)}); !bytes.Equal(again.JWKS, d.JWKS) || !bytes.Equal(again.OpenID, d.OpenID) {
			t.Errorf("another time it is\n%s instead of\n%s", again.JWKS, d.JWKS)
		}
	})
}

// isOf reports whether k is what v may be published as.
func isOf(v *keyring.VerificationKey, k *jose.JSONWebKey) bool {
	same, ok := v.Public.(interface{ Equal(crypto.PublicKey) bool })
	fits := map[string]string{"EdDSA": "ed25519.PublicKey", "ES256": "*ecdsa.PublicKey", "RS256": "*rsa.PublicKey"}
	return ok && same.Equal(k.Key) && fits[k.Algorithm] == fmt.Sprintf("%T", k.Key) && v.Algorithm == k.Algorithm &&
		v.KID == k.KeyID && v.Err == nil && !v.Compromised && v.State >= keystore.Prepublished && v.State <= keystore.Retired
}

// wantMembers wants each element to have the members of its kind, and no other.
func wantMembers(t *rapid.T, document []byte) {
	var raw struct{ Keys []map[string]string }
	if err := json.Unmarshal(document, &raw); err != nil {
		t.Fatal(err)
	}
	for _, k := range raw.Keys {
		if got := slices.Sorted(maps.Keys(k)); !slices.Equal(got, members[k["kty"]]) {
			t.Errorf("%s has %q, want %q", k["kty"], got, members[k["kty"]])
		}
	}
}
