package keystore_test

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

var testIdentity = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

// example returns contents with one active key that Append takes.
func example() *keystore.Contents {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	return &keystore.Contents{
		ID: keystore.NewID(), Cluster: "prod", Region: "eu", Epoch: 1, Generation: 1, Written: now, Root: keystore.NewID(),
		Identity: keystore.Identity{Public: testIdentity.Public().(ed25519.PublicKey), SealedSeed: make([]byte, 72)},
		Groups:   []keystore.Group{{Name: "any", Threshold: 1}},
		Stanzas:  []keystore.Stanza{{KEK: "aead.local", Provider: "aead", Group: "any", Scheme: "xaes-256-gcm/1", Wrapped: []byte{1}}},
		Keys: []keystore.Key{{
			ID: keystore.NewID(), State: keystore.Active, Created: now, Activated: now, Suite: 1, SealedDEK: make([]byte, 72),
		}},
	}
}

// What has no spelling, or breaks a rule, is refused before anything is signed.
func TestAppendRefuses(t *testing.T) {
	key := func(edit func(*keystore.Key)) func(*keystore.Contents) {
		return func(c *keystore.Contents) { edit(&c.Keys[0]) }
	}
	for _, c := range []struct {
		want string
		edit func(*keystore.Contents)
	}{
		{"id: there is none", func(c *keystore.Contents) { c.ID = keystore.ID{} }},
		{"root: 01000000-0000-0000-0000-000000000000 is not a UUIDv7", func(c *keystore.Contents) { c.Root = keystore.ID{1} }},
		{`cluster: "a\",\"b" is not a DNS label`, func(c *keystore.Contents) { c.Cluster = `a","b` }},
		{`region: "" is not a DNS label`, func(c *keystore.Contents) { c.Region = "" }},
		{"epoch: 0 is not 1 to 9007199254740991", func(c *keystore.Contents) { c.Epoch = 0 }},
		{"generation: 9007199254740992 is not 1 to", func(c *keystore.Contents) { c.Generation = 1 << 53 }},
		{"history: 65 elements are not at most 64", func(c *keystore.Contents) { c.History = make([]keystore.Digest, 65) }},
		{"written: the year 1 is not 1970 to 9999", func(c *keystore.Contents) { c.Written = time.Time{} }},
		{"written: 2026-11-22T10:00:00.5Z is not a whole second", func(c *keystore.Contents) { c.Written = c.Written.Add(time.Second / 2) }},
		{"lease: 1.5s is not a number of whole seconds", func(c *keystore.Contents) { c.Lease = 3 * time.Second / 2 }},
		{"lease: -1s is not a number of whole seconds", func(c *keystore.Contents) { c.Lease = -time.Second }},
		{"lease: 31622401 is not 0 to 31622400", func(c *keystore.Contents) { c.Lease = keystore.MaxLease + time.Second }},
		{"public: 31 bytes are not 32", func(c *keystore.Contents) { c.Identity.Public = c.Identity.Public[:31] }},
		{"seed: 0 bytes are not 72", func(c *keystore.Contents) { c.Identity.SealedSeed = nil }},
		{"previous: 0 bytes are not 32", func(c *keystore.Contents) { c.Handover = &keystore.Handover{} }},
		{"groups: 0 elements are not 1 to 16", func(c *keystore.Contents) { c.Groups = nil }},
		{"threshold: -1 is not 1 to 255", func(c *keystore.Contents) { c.Groups[0].Threshold = -1 }},
		{"share: 256 is not 0 to 255", func(c *keystore.Contents) { c.Stanzas[0].Share = 256 }},
		{`scheme: "xaes" is not a scheme`, func(c *keystore.Contents) { c.Stanzas[0].Scheme = "xaes" }},
		{"wrapped: 16385 bytes are not 1 to 16384", func(c *keystore.Contents) { c.Stanzas[0].Wrapped = make([]byte, 16385) }},
		{": key: there is none", key(func(k *keystore.Key) { k.ID = keystore.ID{} })},
		{": state: State(0) is none", key(func(k *keystore.Key) { k.State = 0 })},
		{": state: State(5) is none", key(func(k *keystore.Key) { k.State = 5 })},
		{": suite: 0 is not 1 to 255", key(func(k *keystore.Key) { k.Suite = 0 })},
		{": dek: 0 bytes are not 41 to 512", key(func(k *keystore.Key) { k.SealedDEK = []byte{} })},
		{`: algorithm: "none" is not one of EdDSA, ES256, RS256`, key(func(k *keystore.Key) {
			k.Signing = []keystore.SigningKey{{Algorithm: "none", Public: []byte{1}, SealedPrivate: make([]byte, 41)}}
		})},
		{": a time after the file was written", key(func(k *keystore.Key) { k.Activated = k.Activated.Add(time.Second) })},
		{"history: 0 digests in generation 2 of epoch 1, want 1", func(c *keystore.Contents) { c.Generation = 2 }},
	} {
		contents := example()
		c.edit(contents)
		out, err := keystore.Append([]byte("dst"), contents, func([]byte) []byte {
			t.Errorf("%s: signed", c.want)
			return nil
		})
		if err == nil || out != nil || !strings.HasPrefix(err.Error(), "keystore: cannot write generation ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %q, %v, want an error with %q", out, err, c.want)
		}
	}
}

// A signature that Parse would not take is not written.
func TestAppendVerifiesSignatures(t *testing.T) {
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, ed25519.SeedSize))
	for name, sign := range map[string]func([]byte) []byte{
		"other identity": signer(other),
		"other message":  func(m []byte) []byte { return ed25519.Sign(testIdentity, m[1:]) },
		"too short":      func(m []byte) []byte { return ed25519.Sign(testIdentity, m)[:63] },
		"none":           func([]byte) []byte { return nil },
	} {
		const want = "keystore: cannot write generation 1: keystore signature does not verify: the file is not as its identity "
		if _, err := keystore.Append(nil, example(), sign); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", name, err, want)
		}
	}
	c := example()
	c.Handover = &keystore.Handover{Previous: other.Public().(ed25519.PublicKey), Signature: make([]byte, 64)}
	if _, err := keystore.Append(nil, c, signer(testIdentity)); err == nil || !strings.Contains(err.Error(), "the handover to ") {
		t.Errorf("forged handover: error %v", err)
	}
}

// A local time is written in UTC: what is the same moment has the same bytes.
func TestAppendWritesUTC(t *testing.T) {
	c := example()
	want, err := keystore.Append(nil, c, signer(testIdentity))
	if err != nil {
		t.Fatal(err)
	}
	c.Written = c.Written.In(time.FixedZone("CET", 3600))
	if got, err := keystore.Append(nil, c, signer(testIdentity)); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
}

func TestHandoverMessage(t *testing.T) {
	got := keystore.HandoverMessage(keystore.ID{1}, bytes.Repeat([]byte{2}, 32), bytes.Repeat([]byte{3}, 32))
	want := "sealwax/v1 handover\x00\x01" + strings.Repeat("\x00", 15) + strings.Repeat("\x02", 32) + strings.Repeat("\x03", 32)
	if string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
