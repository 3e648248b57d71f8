package keyring

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/sealwax/sealwax/aead"
	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/keystore"
)

// scenario makes a vector out of a keystore with a retired and an active key, its root, and a message under the active key
// that is bound to variable, r, default, app/db.
type scenario struct {
	name, expect, comment string
	edit                  func(c *keystore.Contents, r *root) // before it is signed; nil: nothing
	spoil                 func(v *vector)                     // afterwards; nil: nothing
}

var scenarios = []scenario{
	{"message", "opens", "a message of suite 1", nil, nil},
	{"message-empty", "opens", "an empty message", nil, func(v *vector) { v.reseal(1, "") }},
	{"message-retired-key", "opens", "a message under the retired key", nil, func(v *vector) { v.reseal(0, "old") }},
	{"message-suite-2", "opens", "a message of suite 2", toSuite2, func(v *vector) { v.reseal(1, "short nonce") }},

	{"payload-label", "not the root", "another label", nil, flipPayload(0)},
	{"payload-keystore", "not the root", "of another keystore", nil, flipPayload(16)},
	{"payload-root", "not the root", "of another root", nil, flipPayload(32)},
	{"payload-group", "not the root", "of another group", nil, flipPayload(48)},
	{"payload-group-padding", "not the root", "a group's name with something behind it", nil, flipPayload(71)},
	{"payload-split", "not the root", "of another split", nil, flipPayload(72)},
	{"payload-share", "not the root", "a share in the place of the root", nil, flipPayload(88)},
	{"payload-short", "not the root", "120 bytes", nil, func(v *vector) { v.payloads[0] = v.payloads[0][:120] }},
	{"payload-long", "not the root", "122 bytes", nil, func(v *vector) { v.payloads[0] = append(v.payloads[0], 0) }},
	{"payload-empty", "not the root", "nothing", nil, func(v *vector) { v.payloads[0] = nil }},
	{"commitment-other-root", "not the root", "32 bytes that do not open the seed", nil, flipPayload(120)},
	{"commitment-seed", "not the root", "a seed that the root does not open", func(c *keystore.Contents, _ *root) { c.Identity.SealedSeed[30] ^= 1 }, nil},

	{"key-suite-unknown", "unusable key", "suite 127", func(c *keystore.Contents, _ *root) { c.Keys[1].Suite = 127 }, nil},
	{"key-suite-exchanged", "unusable key", "a DEK that was sealed for suite 1, in a key of suite 2", func(c *keystore.Contents, _ *root) { c.Keys[1].Suite = 2 }, nil},
	{"key-dek-of-other", "unusable key", "the DEK of the other key", func(c *keystore.Contents, _ *root) { c.Keys[1].SealedDEK = c.Keys[0].SealedDEK }, nil},
	{"key-dek-short", "unusable key", "a DEK of 31 bytes", func(c *keystore.Contents, r *root) {
		c.Keys[1].SealedDEK = r.keys.Seal(nil, make([]byte, 31), dekBinding(r, &c.Keys[1]))
	}, nil},
	{"key-other-unusable", "opens", "the other key is unusable, this one is not", func(c *keystore.Contents, _ *root) { c.Keys[0].Suite = 127 }, nil},
	{"key-unknown", "unknown key", "another key ID", nil, flipMessage(16)},
	{"key-destroyed", "destroyed key", "a message of a destroyed key", func(c *keystore.Contents, _ *root) {
		k := &c.Keys[0]
		*k = keystore.Key{ID: k.ID, State: keystore.Destroyed, Created: k.Created, Activated: k.Activated, Retired: k.Retired,
			Destroyed: k.Retired, Suite: k.Suite, Census: &keystore.Census{Taken: k.Retired, Sources: 1}}
	}, func(v *vector) { v.message = append([]byte{messageFormat}, append(v.key(0), v.message[17:]...)...) }},

	{"message-no-bytes", "not a message", "nothing", nil, func(v *vector) { v.message = nil }},
	{"message-header-cut", "not a message", "16 bytes", nil, func(v *vector) { v.message = v.message[:16] }},
	{"message-format", "not a message", "format 2", nil, flipMessage(0)},
	{"message-header-only", "not authentic", "17 bytes", nil, func(v *vector) { v.message = v.message[:17] }},
	{"message-tag-cut", "not authentic", "the last byte is missing", nil, func(v *vector) { v.message = v.message[:len(v.message)-1] }},
	{"message-nonce", "not authentic", "another selector", nil, flipMessage(17)},
	{"message-nonce-end", "not authentic", "another GCM nonce", nil, flipMessage(40)},
	{"message-ciphertext", "not authentic", "another ciphertext", nil, flipMessage(41)},
	{"message-of-other-key", "not authentic", "the ID of the other key in front of it", nil, func(v *vector) {
		v.message = append([]byte{messageFormat}, append(v.key(0), v.message[17:]...)...)
	}},
	{"binding-kind", "not authentic", "another kind", nil, rebind("token", "r", "default", "app/db")},
	{"binding-field", "not authentic", "another field", nil, rebind("variable", "r", "default", "app/other")},
	{"binding-missing", "not authentic", "a field less", nil, rebind("variable", "r", "default")},
	{"binding-more", "not authentic", "an empty field more", nil, rebind("variable", "r", "default", "app/db", "")},
	{"binding-shifted", "not authentic", "the same characters, cut elsewhere", nil, rebind("variable", "r", "defaul", "tapp/db")},
}

func flipPayload(at int) func(*vector) { return func(v *vector) { v.payloads[0][at] ^= 1 } }
func flipMessage(at int) func(*vector) { return func(v *vector) { v.message[at] ^= 3 } }
func rebind(fields ...string) func(*vector) {
	return func(v *vector) { v.binding = fields }
}

// toSuite2 makes the active key one of AES-256-GCM.
func toSuite2(c *keystore.Contents, r *root) {
	k := &c.Keys[1]
	k.Suite = uint8(aead.AES256GCM)
	k.SealedDEK = r.keys.Seal(nil, bytes.Repeat([]byte{2}, dekSize), dekBinding(r, k))
}

// state returns what a reader has once it opened the keystore.
func (v *vector) state() *state {
	c, err := keystore.Parse(v.keystore)
	if err != nil {
		panic(err)
	}
	r, err := v.root(c)
	if err != nil {
		panic(err)
	}
	return newState(c, keystore.Digest{}, r, nil)
}

func (v *vector) key(i int) []byte {
	id := v.state().contents.Keys[i].ID
	return id[:]
}

// reseal puts a message under the i-th key in the place of the one that is there.
func (v *vector) reseal(i int, plaintext string) {
	s := v.state()
	k := s.keys[s.contents.Keys[i].ID]
	v.plaintext = []byte(plaintext)
	v.message = k.aead.Seal(nil, v.plaintext, Bind(v.binding[0], v.binding[1:]...).encoded)
}

// makeVectors writes the vectors that are missing.
func makeVectors(t *testing.T) {
	t.Helper()
	for _, s := range scenarios {
		s.write(t, wholeRoot)
	}
	for _, s := range shareScenarios {
		one := scenario{s.name, s.expect, s.comment, nil, s.spoil}
		one.write(t, s.split)
	}
}

func (s *scenario) write(t *testing.T, unwrap func(*keystore.Contents, secret.Bytes) [][]byte) {
	t.Helper()
	file := filepath.Join(vectorDir, s.name+".txt")
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err := os.WriteFile(file, s.vector(t, unwrap).text(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// wholeRoot is what the one KEK unwraps.
func wholeRoot(c *keystore.Contents, raw secret.Bytes) [][]byte {
	return [][]byte{payloadOf(c, &c.Stanzas[0]).append(raw.Expose())}
}

// vector makes the vector; unwrap says what is unwrapped, and may change the stanzas that it is unwrapped from.
func (s *scenario) vector(t *testing.T, unwrap func(*keystore.Contents, secret.Bytes) [][]byte) *vector {
	t.Helper()
	r := localRing(t)
	rotate(t, r)
	held := r.state.Load()
	v := &vector{expect: s.expect, comment: s.comment, binding: []string{"variable", "r", "default", "app/db"}}
	raw, err := unwrapRoot(t.Context(), held.contents, r.currentKEKs(), &r.opts)
	if err != nil {
		t.Fatal(err)
	}
	c := held.contents.Next(held.digest)
	v.payloads = unwrap(c, raw.raw)
	v.sign(t, c, held.root)
	v.reseal(1, "attack at dawn")
	if s.edit != nil {
		s.edit(c, held.root)
		v.sign(t, c, held.root)
	}
	if s.spoil != nil {
		s.spoil(v)
	}
	if s.expect != "opens" {
		v.plaintext = nil
	}
	return v
}

func (v *vector) sign(t *testing.T, c *keystore.Contents, r *root) {
	t.Helper()
	data, err := keystore.Append(nil, c, r.identity.sign)
	if err != nil {
		t.Fatal(err)
	}
	v.keystore = data
}
