package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// signing returns a signing key of which nobody has the private half. Its public half is damaged if der is not nil.
func signing(t *testing.T, der []byte) []keystore.SigningKey {
	t.Helper()
	if der == nil {
		public, _, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if der, err = x509.MarshalPKIXPublicKey(public); err != nil {
			t.Fatal(err)
		}
	}
	return []keystore.SigningKey{{Algorithm: "EdDSA", Public: der, SealedPrivate: make([]byte, 100)}}
}

// writeSite makes a folder with a keystore of these keys, whose KEKs are elsewhere, and the config for it.
func writeSite(t *testing.T, lease time.Duration, keys ...keystore.Key) (configFile string) {
	t.Helper()
	dir := t.TempDir()
	public, identity, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &keystore.Contents{ID: keystore.NewID(), Cluster: "dev", Region: "global", Epoch: 1, Generation: 1, Lease: lease,
		Written: time.Now().UTC().Truncate(time.Second), Root: keystore.NewID(),
		Identity: keystore.Identity{Public: public, SealedSeed: make([]byte, 72)},
		Groups:   []keystore.Group{{Name: "any", Threshold: 1}},
		Stanzas:  []keystore.Stanza{{KEK: "aead", Provider: "aead", Group: "any", Scheme: "xaes-256-gcm/1", Wrapped: []byte("wrapped")}},
		Keys:     keys,
	}
	data, err := keystore.Append(nil, c, func(message []byte) []byte { return ed25519.Sign(identity, message) })
	if err != nil {
		t.Fatal(err)
	}
	configFile = filepath.Join(dir, "keyring.hcl")
	for name, text := range map[string]string{
		"keystore.jsonl": string(data),
		"keyring.hcl": fmt.Sprintf(`cluster {
  id     = "dev"
  region = "global"
}
keystore {
  path     = "keystore.jsonl"
  identity = %q
  state    = "state"
}
keyring "aead" {
  key_file = "elsewhere"
}
signing {
  algorithms     = ["EdDSA"]
  issuer         = "https://id.example.com"
  token_lifetime = "1h"
}
`, keystore.FormatPin(public)),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return configFile
}

// TestJWKSOfKeysInEveryState has damaged keys among the others: they are left out, told, and no reason to fail.
func TestJWKSOfKeysInEveryState(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Second)
	key := func(state keystore.State, retired time.Duration, s []keystore.SigningKey) keystore.Key {
		k := keystore.Key{ID: keystore.NewID(), State: state, Created: now.Add(-48 * time.Hour), Suite: 1, SealedDEK: make([]byte, 72), Signing: s}
		if state != keystore.Prepublished {
			k.Activated = k.Created
		}
		if state == keystore.Retired {
			k.Retired = now.Add(-retired)
		}
		return k
	}
	const stays = time.Hour + 10*time.Minute + 2*time.Minute // token, lease, skew
	gone := key(keystore.Retired, stays+time.Second, signing(t, nil))
	old := key(keystore.Retired, stays-time.Minute, signing(t, nil))
	leaked := key(keystore.Retired, 0, signing(t, nil))
	leaked.Compromised = true
	broken := key(keystore.Retired, 0, signing(t, []byte("damaged")))
	active := key(keystore.Active, 0, signing(t, nil))
	mute := key(keystore.Prepublished, 0, nil)
	next := key(keystore.Prepublished, 0, signing(t, nil))
	file := writeSite(t, 10*time.Minute, gone, old, leaked, broken, active, mute, next)

	var out, stderr bytes.Buffer
	c := &cli{in: strings.NewReader(""), out: &output{w: &out}, err: &stderr}
	if code := c.run(t.Context(), []string{"--config", file, "jwks"}); code != exitDone {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	var got []string
	for _, part := range strings.Split(out.String(), `"kid":"`)[1:] {
		got = append(got, part[:36])
	}
	if want := fmt.Sprint([]keystore.ID{active.ID, next.ID, old.ID}); fmt.Sprint(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, want := range []string{"level=WARN", "a damaged verification key is left out", "kid=" + broken.ID.String(), "EdDSA signing key: it is not a public key", "run 'keyring rotate'"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("standard error lacks %q: %s", want, &stderr)
		}
	}
	if strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("standard error: %s", &stderr)
	}
}

// TestJWKSOfDamagedKeysOnly wants no advice about signing blocks: what is wrong is something else.
func TestJWKSOfDamagedKeysOnly(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Second)
	file := writeSite(t, 0, keystore.Key{ID: keystore.NewID(), State: keystore.Active, Created: now, Activated: now, Suite: 1,
		SealedDEK: make([]byte, 72), Signing: signing(t, []byte("damaged"))})
	var out, stderr bytes.Buffer
	c := &cli{in: strings.NewReader(""), out: &output{w: &out}, err: &stderr}
	if code := c.run(t.Context(), []string{"--config", file, "jwks"}); code != exitDone || out.String() != `{"keys":[]}`+"\n" {
		t.Errorf("exit code %d: %s %s", code, &out, &stderr)
	}
	if !strings.Contains(stderr.String(), "left out") || strings.Contains(stderr.String(), "there is no key to publish") {
		t.Errorf("standard error: %s", &stderr)
	}
}
