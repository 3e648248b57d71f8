package discovery

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// kids returns the names of the keys in a set, in its order.
func kids(t testing.TB, d *Documents) []string {
	t.Helper()
	var set jwks
	if err := json.Unmarshal(d.JWKS, &set); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, k := range set.Keys {
		names = append(names, k.KID)
	}
	return names
}

func documents(t testing.TB, o *Options, keys ...keyring.VerificationKey) *Documents {
	t.Helper()
	d, err := NewDocuments(keys, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestWhatIsInTheSet(t *testing.T) {
	o := &Options{TokenLifetime: time.Hour, Lease: time.Minute, ClockSkew: time.Second, Clock: at(newYear)}
	const stays = time.Hour + time.Minute + 2*time.Second
	for _, c := range []struct {
		name string
		key  keyring.VerificationKey
		in   bool
	}{
		{"prepublished", vk("k", "EdDSA", prepublished), true},
		{"prepublished, without a date", vk("k", "EdDSA", prepublished, func(k *keyring.VerificationKey) { k.Activates = time.Time{} }), true},
		{"active", vk("k", "EdDSA"), true},
		{"retired just now", vk("k", "EdDSA", retired(0)), true},
		{"retired, and its last token lives", vk("k", "EdDSA", retired(stays-1)), true},
		{"retired, and its last token has expired", vk("k", "EdDSA", retired(stays)), false},
		{"retired by a clock that is ahead", vk("k", "EdDSA", retired(-time.Hour)), true},
		{"withdrawn before it was active", vk("k", "EdDSA", withdrawn), false},
		{"compromised and prepublished", vk("k", "EdDSA", prepublished, compromised), false},
		{"compromised and active", vk("k", "EdDSA", compromised), false},
		{"compromised and retired", vk("k", "EdDSA", retired(0), compromised), false},
		{"destroyed", vk("k", "EdDSA", retired(0), func(k *keyring.VerificationKey) { k.State = keystore.Destroyed }), false},
		{"of a state that is none", vk("k", "EdDSA", func(k *keyring.VerificationKey) { k.State = 0 }), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := documents(t, o, c.key)
			if got := kids(t, d); slices.Contains(got, "k") != c.in || d.Keys != len(got) || len(d.Damaged) != 0 {
				t.Errorf("the set has %q, and %d keys, %d damaged; want it to have the key: %v", got, d.Keys, len(d.Damaged), c.in)
			}
		})
	}
}

func TestOrderOfTheSet(t *testing.T) {
	keys := []keyring.VerificationKey{
		vk("old", "EdDSA", retired(20*time.Hour)),
		vk("older", "EdDSA", retired(23*time.Hour)),
		vk("latest", "EdDSA", retired(time.Minute)),
		vk("latest-RS256", "RS256", retired(time.Minute)),
		vk("next", "EdDSA", prepublished),
		vk("now", "ES256"),
		vk("now-EdDSA", "EdDSA"),
		vk("after next", "EdDSA", prepublished),
	}
	d := documents(t, &Options{Clock: at(newYear)}, keys...)
	want := []string{"now", "now-EdDSA", "next", "after next", "latest", "latest-RS256", "old", "older"}
	if got := kids(t, d); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if want := newYear.Add(-23*time.Hour + 24*time.Hour + 5*time.Minute + 2*time.Minute); !d.Until.Equal(want) {
		t.Errorf("the first key leaves at %v, want %v", d.Until, want)
	}
}

func TestSetWithoutKeys(t *testing.T) {
	d := documents(t, &Options{Issuer: "https://id.example.com"})
	if got, want := string(d.JWKS), `{"keys":[]}`+"\n"; got != want || d.Keys != 0 || !d.Until.IsZero() {
		t.Errorf("got %q, %d keys, until %v; want %q", got, d.Keys, d.Until, want)
	}
	if got, want := string(d.OpenID), `{"issuer":"https://id.example.com","jwks_uri":"https://id.example.com/.well-known/jwks.json",`+
		`"response_types_supported":["id_token"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":[],`+
		`"claims_supported":["aud","exp","iat","iss","jti","nbf","sub"]}`+"\n"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
