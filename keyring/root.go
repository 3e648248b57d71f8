package keyring

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"

	"github.com/sealwax/sealwax/aead"
	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/keystore"
)

// root is what remains of a keystore's 32 random bytes once they are expanded: K_keys, which seals the keys, and K_sign,
// which seals the seed of the identity. The 32 bytes themselves are not kept.
//
// It is immutable until close.
type root struct {
	keystore keystore.ID
	id       keystore.ID
	keys     *aead.AEAD
	identity *identity // nil in a read-only ring, which cannot sign
}

// identity is the key pair that signs the keystore.
type identity struct {
	private secret.Bytes // an ed25519.PrivateKey
}

var errCommitment = errors.New("the unwrapped root does not open the identity of this keystore")

// newRootBytes draws a root.
func newRootBytes() secret.Bytes {
	b := make([]byte, rootSize)
	rand.Read(b)
	return secret.New(b)
}

// expand derives K_keys and K_sign from the 32 bytes of a root.
func expand(raw secret.Bytes, ks, id keystore.ID) (keys, sign *aead.AEAD) {
	return subkey(raw, labelKeys, ks, id), subkey(raw, labelSign, ks, id)
}

func subkey(raw secret.Bytes, label string, ks, id keystore.ID) *aead.AEAD {
	info := label + "\x00" + string(ks[:]) + string(id[:])
	return newAEAD(aead.XAES256GCM, raw.Expose(), info, nil)
}

// newAEAD derives a key from a secret and returns its AEAD. It panics only where the caller named a suite that aead
// does not have.
func newAEAD(suite aead.Suite, from []byte, info string, prefix []byte) *aead.AEAD {
	key, err := hkdf.Key(sha256.New, from, nil, info, aead.KeySize)
	if err != nil {
		panic("keyring: " + err.Error()) // the length is a constant
	}
	defer clear(key)
	a, err := aead.New(suite, key, prefix)
	if err != nil {
		panic("keyring: " + err.Error())
	}
	return a
}

// createRoot makes a root's keys from raw together with a new identity.
func createRoot(raw secret.Bytes, ks, id keystore.ID) (*root, keystore.Identity) {
	keys, sign := expand(raw, ks, id)
	seed := make([]byte, ed25519.SeedSize)
	rand.Read(seed)
	defer clear(seed)
	private := ed25519.NewKeyFromSeed(seed)
	public := private.Public().(ed25519.PublicKey)
	sealed := sign.Seal(nil, seed, seedBinding(ks, id, public))
	return &root{ks, id, keys, newIdentity(private)}, keystore.Identity{Public: public, SealedSeed: sealed}
}

// openRoot makes a root's keys from raw if raw is the root of c: if it opens the seed that gives c's identity. That is the
// commitment to the root. No other root opens the seed, whatever a provider answered.
func openRoot(raw secret.Bytes, c *keystore.Contents) (*root, error) {
	keys, sign := expand(raw, c.ID, c.Root)
	seed, err := sign.Open(nil, c.Identity.SealedSeed, seedBinding(c.ID, c.Root, c.Identity.Public))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, errCommitment
	}
	defer clear(seed)
	private := ed25519.NewKeyFromSeed(seed)
	if !c.Identity.Public.Equal(private.Public()) {
		return nil, errCommitment
	}
	return &root{c.ID, c.Root, keys, newIdentity(private)}, nil
}

// readOnly returns r without what signs.
func (r *root) readOnly() *root {
	return &root{r.keystore, r.id, r.keys, nil}
}

func newIdentity(private ed25519.PrivateKey) *identity { return &identity{secret.New(private)} }

// sign signs for the keystore.
func (i *identity) sign(message []byte) []byte {
	return ed25519.Sign(i.private.Expose(), message)
}

// public returns the half that is pinned.
func (i *identity) public() ed25519.PublicKey {
	return ed25519.PrivateKey(i.private.Expose()).Public().(ed25519.PublicKey)
}

// close overwrites the private half. Nothing may sign afterwards.
func (r *root) close() {
	if r.identity != nil {
		r.identity.private.Clear()
	}
}

func seedBinding(ks, root keystore.ID, public ed25519.PublicKey) []byte {
	return appendFields(nil, []byte(labelSeed), ks[:], root[:], []byte(public))
}
