package keyring

import (
	"bytes"
	"slices"
	"sync"

	"github.com/sealwax/sealwax/keystore"
)

// state is one generation of the keystore, ready for use. It is immutable: readers load it from an atomic pointer and
// need no lock; a writer builds the next one and swaps it in after the store has it.
type state struct {
	contents *keystore.Contents
	digest   keystore.Digest
	root     *root
	keys     map[keystore.ID]*key
	active   *key         // what Seal uses; nil if refusal is set for want of one
	signing  []signingKey // those of active
	refusal  error        // why Seal refuses; nil if it does not
	sealers  []*key       // those that have been active in this ring, and are not destroyed
	closed   bool

	verification func() *verification // made when it is first asked for
}

// newState makes the keys of c ready. Keys that prev holds unchanged are taken over, together with the subkeys and the
// wear that they have gathered; prev may be nil.
func newState(c *keystore.Contents, digest keystore.Digest, r *root, prev *state) *state {
	s := &state{contents: c, digest: digest, root: r, keys: make(map[keystore.ID]*key, len(c.Keys))}
	s.verification = sync.OnceValue(func() *verification { return newVerification(c) })
	for i := range c.Keys {
		k := &c.Keys[i]
		s.keys[k.ID] = prev.sameKey(r, k, i)
		if s.keys[k.ID] == nil {
			s.keys[k.ID] = openKey(r, k)
		}
		if k.State == keystore.Active && s.keys[k.ID].unfit(k) == nil {
			s.active = s.keys[k.ID]
			s.signing = prev.sameSigning(r, k, s.active)
		}
	}
	s.sealers = s.inherit(prev)
	if s.active == nil {
		s.refusal = ErrNoActiveKey
	}
	return s
}

// inherit returns the sealers of s, which succeeds prev, and ties each that was opened anew to what it was.
func (s *state) inherit(prev *state) (sealers []*key) {
	if prev != nil {
		for _, old := range prev.sealers {
			k := s.keys[old.id]
			if k == nil || k.aead == nil {
				continue
			}
			if k != old {
				k.before = old
			}
			sealers = append(sealers, k)
		}
	}
	if s.active != nil && !slices.Contains(sealers, s.active) {
		sealers = append(sealers, s.active)
	}
	return sealers
}

// sealed estimates what this process has sealed, by key.
func (s *state) sealed() map[keystore.ID]Count {
	all := make(map[keystore.ID]Count, len(s.sealers))
	for _, k := range s.sealers {
		all[k.id] = k.sealed()
	}
	return all
}

// sameKey returns the key that s made of exactly this k, if it did. Keys are only ever appended: so it most likely stood
// at this place in s, too, and is not looked for among all others.
func (s *state) sameKey(r *root, k *keystore.Key, at int) *key {
	if s == nil || s.root.id != r.id || k.State == keystore.Destroyed {
		return nil
	}
	var old *keystore.Key
	if keys := s.contents.Keys; at < len(keys) && keys[at].ID == k.ID {
		old = &keys[at]
	} else {
		old = s.contents.Find(k.ID)
	}
	if old == nil || old.Suite != k.Suite || string(old.SealedDEK) != string(k.SealedDEK) {
		return nil
	}
	return s.keys[k.ID]
}

// sameSigning returns the signing keys of k, the active key: those that s has if it is the same in s.
func (s *state) sameSigning(r *root, k *keystore.Key, active *key) []signingKey {
	if s == nil || s.active != active {
		return signingKeys(r, k)
	}
	if !slices.EqualFunc(s.contents.Find(k.ID).Signing, k.Signing, sameSigningKey) {
		return signingKeys(r, k)
	}
	return s.signing
}

func sameSigningKey(a, b keystore.SigningKey) bool {
	return a.Algorithm == b.Algorithm && bytes.Equal(a.Public, b.Public) && bytes.Equal(a.SealedPrivate, b.SealedPrivate)
}

// find returns the key with the given ID. The active one is compared first: it is the one that nearly every message names.
func (s *state) find(id keystore.ID) *key {
	if s.active != nil && s.active.id == id {
		return s.active
	}
	return s.keys[id]
}

// refusing returns s with another reason to refuse sealing, or none.
func (s *state) refusing(reason error) *state {
	next := *s
	next.refusal = reason
	if reason == nil && s.active == nil {
		next.refusal = ErrNoActiveKey
	}
	return &next
}

// seen returns what a caller remembers of s.
func (s *state) seen() keystore.Seen { return seen(s.contents, s.digest) }

func seen(c *keystore.Contents, digest keystore.Digest) keystore.Seen {
	return keystore.Seen{ID: c.ID, Identity: bytes.Clone(c.Identity.Public), Epoch: c.Epoch, Generation: c.Generation, Digest: digest}
}

// expect returns what the next generation must satisfy: an open ring pins what it holds.
func (s *state) expect() *keystore.Expect {
	c := s.contents
	return &keystore.Expect{ID: c.ID, Cluster: c.Cluster, Region: c.Region, Identity: c.Identity.Public, Seen: s.seen()}
}

// activeID returns the ID of the key that seals, zero if none does.
func (s *state) activeID() keystore.ID {
	if s.active == nil {
		return keystore.ID{}
	}
	return s.active.id
}
