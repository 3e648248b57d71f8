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
	"encoding/base64"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// The keystores in testdata/keystores/v1 whose name begins with "ring-" are wrapped by localKey as "aead", or as the members of a
// group from "aead.1" on, and each has a file with messages that were sealed with it. They open for ever: this test may gain keystores, and never changes or
// loses one.
const foreverDir = "../testdata/keystores/v1"

var update = flag.Bool("update", false, "write the keystores that are missing in testdata; existing ones are never touched")

// forever are the keystores, and what was done to a new one to make each.
var forever = []struct {
	name     string
	make     func(t *testing.T, r *Ring)
	unusable int      // keys that this version lists and cannot use
	opens    []string // names of KEKs, joined by spaces: each set opens the keystore, and no less of it does; nil is the one KEK
}{
	{"minimal", func(*testing.T, *Ring) {}, 0, nil},
	{"rotated", func(t *testing.T, r *Ring) { rotate(t, r); rotate(t, r) }, 0, nil},
	{"states", func(t *testing.T, r *Ring) { rotate(t, r); rotate(t, r); edit(t, r, allStates) }, 1, nil},
	{"new-root", func(t *testing.T, r *Ring) {
		rotate(t, r)
		if _, err := r.RotateRoot(t.Context()); err != nil {
			t.Fatal(err)
		}
		rotate(t, r)
	}, 0, nil},
	{"signing", func(t *testing.T, r *Ring) { edit(t, r, addSigningKeys) }, 0, nil},
	{"legacy", func(t *testing.T, r *Ring) { edit(t, r, addLegacyKey) }, 1, nil},
	{"restored", func(t *testing.T, r *Ring) {
		edit(t, r, func(c *keystore.Contents, _ *root) {
			c.Epoch, c.Lease = 2, time.Hour
			c.Owed = []keystore.Owed{{KEK: "transit.eu", Provider: "transit", Group: defaultGroup, Since: c.Written}}
		})
	}, 0, nil},
	{"officers", func(t *testing.T, r *Ring) { regroup(t, r, 2, memberKEKs(t, "1 2 3")...) }, 0, []string{"1 2", "1 3", "2 3"}},
	{"one-or-three", func(t *testing.T, r *Ring) {
		regroup(t, r, 3, append(memberKEKs(t, "1 2 3 4 5"), localKEK(t))...)
		rotate(t, r)
	}, 0, []string{"", "1 2 3", "1 2 4", "2 3 5", "3 4 5"}},
}

// memberKEKs returns KEKs with localKey in a group, or the one without name and group for an empty text.
func memberKEKs(t testing.TB, names string) []*wrappers.KEK {
	t.Helper()
	if names == "" {
		return []*wrappers.KEK{localKEK(t)}
	}
	var keks []*wrappers.KEK
	for _, name := range strings.Fields(names) {
		keks = append(keks, newLocalKEK(t, &wrappers.Options{Name: name, Group: "officers"}))
	}
	return keks
}

// regroup wraps the root for a group.
func regroup(t *testing.T, r *Ring, threshold int, keks ...*wrappers.KEK) {
	t.Helper()
	r.opts.Groups = map[string]int{"officers": threshold}
	if _, err := r.Rewrap(t.Context(), keks...); err != nil {
		t.Fatal(err)
	}
}

// edit writes a generation that this version has no command for.
func edit(t *testing.T, r *Ring, change func(c *keystore.Contents, held *root)) {
	t.Helper()
	_, err := r.commit(t.Context(), func(next *keystore.Contents, held *root) (*root, error) {
		change(next, held)
		return held, nil
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
}

// allStates leaves one key in each state, with the mark on the retired one.
func allStates(c *keystore.Contents, held *root) {
	dead := &c.Keys[0]
	*dead = keystore.Key{ID: dead.ID, State: keystore.Destroyed, Created: dead.Created, Activated: dead.Activated, Retired: dead.Retired,
		Destroyed: c.Written, Suite: dead.Suite, Census: &keystore.Census{Taken: c.Written, Sources: 2}}
	c.Keys[1].Compromised = true
	next := newKey(held, c.Written, nil)
	next.State, next.Activates = keystore.Prepublished, c.Written.Add(24*time.Hour)
	c.Keys = append(c.Keys, next)
}

func addSigningKeys(c *keystore.Contents, held *root) {
	_, ed, err := ed25519.GenerateKey(nil)
	p256, ecErr := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	r2048, rsaErr := rsa.GenerateKey(rand.Reader, 2048)
	if err := errors.Join(err, ecErr, rsaErr); err != nil {
		panic(err)
	}
	k := &c.Keys[0]
	for algorithm, private := range map[string]crypto.Signer{"EdDSA": ed, "ES256": p256, "RS256": r2048} {
		public, err := x509.MarshalPKIXPublicKey(private.Public())
		der, privateErr := x509.MarshalPKCS8PrivateKey(private)
		if err := errors.Join(err, privateErr); err != nil {
			panic(err)
		}
		k.Signing = append(k.Signing, keystore.SigningKey{Algorithm: algorithm, Public: public,
			SealedPrivate: held.keys.Seal(nil, der, signingBinding(held, k.ID, algorithm))})
	}
}

// addLegacyKey adds a key as a migration from another product will.
func addLegacyKey(c *keystore.Contents, held *root) {
	id, err := keystore.ParseID("3b30b904-9ea3-c567-331c-99bbcdec2208")
	if err != nil {
		panic(err)
	}
	k := keystore.Key{ID: id, State: keystore.Retired, Created: c.Written, Retired: c.Written, Suite: 0x80}
	k.SealedDEK = held.keys.Seal(nil, make([]byte, 32), dekBinding(held, &k))
	c.Keys = append(c.Keys, k)
}

func TestKeystoresOpenForever(t *testing.T) {
	for _, f := range forever {
		t.Run(f.name, func(t *testing.T) {
			path := filepath.Join(foreverDir, "ring-"+f.name)
			if _, err := os.Stat(path + ".jsonl"); *update && errors.Is(err, fs.ErrNotExist) {
				makeForever(t, path, f.make)
			}
			data, err := os.ReadFile(path + ".jsonl")
			if err != nil {
				t.Fatal(err)
			}
			if f.opens == nil {
				openForever(t, data, path, f.unusable, localKEK(t))
			}
			for _, names := range f.opens {
				set := memberKEKs(t, names)
				openForever(t, data, path, f.unusable, set...)
				if r, err := Load(t.Context(), storeOf(t, data), set[1:], foreverOptions); err == nil {
					r.Close()
					t.Errorf("one less than [%s] opens it too", names)
				}
			}
		})
	}
}

var foreverOptions = &Options{Cluster: "c", Region: "r", RefreshInterval: -1, PayInterval: -1, Groups: map[string]int{"officers": 2}}

func storeOf(t *testing.T, data []byte) keystore.Store {
	t.Helper()
	store := keystore.NewMemory()
	if err := store.Write(t.Context(), keystore.Digest{}, data); err != nil {
		t.Fatal(err)
	}
	return store
}

func openForever(t *testing.T, data []byte, path string, unusable int, keks ...*wrappers.KEK) {
	t.Helper()
	r, err := Load(t.Context(), storeOf(t, data), keks, foreverOptions)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	wantUnusable(t, r, unusable)
	wantMessages(t, r, path+".messages")
	if _, err := r.Rotate(t.Context()); err != nil {
		t.Errorf("it opens, but cannot be written: %v", err)
	}
}

func wantUnusable(t *testing.T, r *Ring, want int) {
	t.Helper()
	got := 0
	for _, k := range r.Keys() {
		if k.Err != nil {
			got++
		}
	}
	if got != want {
		t.Errorf("%d unusable keys, want %d", got, want)
	}
}

// wantMessages opens the messages in a file, one in base64 on each line. The first line names the plaintext of all.
func wantMessages(t *testing.T, r *Ring, file string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	for _, line := range lines[1:] {
		msg, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Open(nil, msg, foreverPlace)
		if err != nil || string(got) != lines[0] {
			t.Errorf("message opens to %q, %v; want %q", got, err, lines[0])
		}
	}
	if len(lines) < 2 {
		t.Error("no messages")
	}
}

var foreverPlace = Bind("variable", "r", "default", "forever")

func makeForever(t *testing.T, path string, change func(*testing.T, *Ring)) {
	t.Helper()
	r := localRing(t)
	var messages bytes.Buffer
	messages.WriteString("sealed for ever\n")
	seal := func() {
		msg, err := r.Seal(nil, []byte("sealed for ever"), foreverPlace)
		if err != nil {
			t.Fatal(err)
		}
		messages.WriteString(base64.StdEncoding.EncodeToString(msg) + "\n")
	}
	if filepath.Base(path) != "ring-states" { // there the first key is destroyed
		seal()
	}
	change(t, r)
	seal()
	data, err := r.store.Read(t.Context())
	err = errors.Join(err, os.WriteFile(path+".messages", messages.Bytes(), 0o644))
	if err = errors.Join(err, os.WriteFile(path+".jsonl", data, 0o644)); err != nil {
		t.Fatal(err)
	}
}
