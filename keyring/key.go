package keyring

import (
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/aead"
	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/keystore"
)

// key is one key of the ring, ready for use, or the reason why it is not.
type key struct {
	id   keystore.ID
	aead *aead.AEAD // nil if err is set
	err  error

	before *key  // the same one as it was opened under the root before, if it has sealed; calls under way still may
	warmUp Count // what aead counted before the ring had its first caller
}

const dekSize = 32

// sealingSuite is the suite of new keys, and the only one that seals. AES-256-GCM opens: it allows 2^32 messages a key,
// which is too few for an estimate that may be lost with its file.
const sealingSuite = aead.XAES256GCM

var errDEK = errors.New("its sealed DEK does not open under the root")

// newKey makes a key with these pairs, sealed under the root. It is prepublished, without a plan.
func newKey(r *root, now time.Time, pairs []pair) keystore.Key {
	dek := make([]byte, dekSize)
	rand.Read(dek)
	defer clear(dek)
	k := keystore.Key{ID: keystore.NewID(), State: keystore.Prepublished, Created: now, Suite: uint8(sealingSuite)}
	k.SealedDEK = r.keys.Seal(nil, dek, dekBinding(r, &k))
	for i := range pairs {
		k.Signing = append(k.Signing, pairs[i].sealed(r, k.ID))
	}
	return k
}

// openKey makes k ready for use. It always returns a key: one that cannot be used carries the reason, so that a single
// bad key never takes the others down.
func openKey(r *root, k *keystore.Key) *key {
	a, err := openAEAD(r, k)
	return &key{id: k.ID, aead: a, err: err}
}

// canSeal reports why k cannot be the active key, nil if it can.
func canSeal(r *root, k *keystore.Key) error { return openKey(r, k).unfit(k) }

// unfit is canSeal, of what openKey made of stored.
func (k *key) unfit(stored *keystore.Key) error {
	switch {
	case k.err != nil:
		return k.err
	case aead.Suite(stored.Suite) != sealingSuite:
		return fmt.Errorf("%w %s: keys of suite %s only open", ErrKeyUnusable, k.id, aead.Suite(stored.Suite))
	case stored.Compromised:
		return fmt.Errorf("%w %s: it is marked compromised", ErrKeyUnusable, k.id)
	}
	return nil
}

func openAEAD(r *root, k *keystore.Key) (*aead.AEAD, error) {
	if k.State == keystore.Destroyed {
		return nil, errDestroyed(k)
	}
	suite := aead.Suite(k.Suite)
	if suite != aead.XAES256GCM && suite != aead.AES256GCM {
		return nil, fmt.Errorf("%w %s: this program does not know suite 0x%02x", ErrKeyUnusable, k.ID, k.Suite)
	}
	dek, err := openDEK(r, k)
	if err != nil {
		return nil, fmt.Errorf("%w %s: %w", ErrKeyUnusable, k.ID, err)
	}
	defer dek.Clear()
	info := labelMessage + "\x00" + string(r.keystore[:]) + string(k.ID[:]) + string([]byte{k.Suite})
	return newAEAD(suite, dek.Expose(), info, messageHeader(k.ID)), nil
}

// openDEK unseals the DEK of k.
func openDEK(r *root, k *keystore.Key) (secret.Bytes, error) {
	b, err := r.keys.Open(nil, k.SealedDEK, dekBinding(r, k))
	if err != nil {
		return secret.Bytes{}, errDEK
	}
	if len(b) != dekSize {
		clear(b)
		return secret.Bytes{}, fmt.Errorf("its DEK has %d bytes instead of %d", len(b), dekSize)
	}
	return secret.New(b), nil
}

// reseal seals k under another root. What does not open under its own root, and never will, is left as it is: the key
// stays listed with its cause, and the error says which part it was.
func reseal(from, to *root, k *keystore.Key) error {
	if k.State == keystore.Destroyed {
		return nil
	}
	dek, err := openDEK(from, k)
	if err == nil {
		k.SealedDEK = to.keys.Seal(nil, dek.Expose(), dekBinding(to, k))
		dek.Clear()
	}
	for i := range k.Signing {
		s := &k.Signing[i]
		private, openErr := from.keys.Open(nil, s.SealedPrivate, signingBinding(from, k.ID, s.Algorithm))
		if openErr != nil {
			err = errors.Join(err, fmt.Errorf("its %s signing key does not open under the root", s.Algorithm))
			continue
		}
		s.SealedPrivate = to.keys.Seal(nil, private, signingBinding(to, k.ID, s.Algorithm))
		clear(private)
	}
	return err
}

func dekBinding(r *root, k *keystore.Key) []byte {
	return appendFields(nil, []byte(labelDEK), r.keystore[:], r.id[:], k.ID[:], []byte{k.Suite})
}

func signingBinding(r *root, id keystore.ID, algorithm string) []byte {
	return appendFields(nil, []byte(labelSigning), r.keystore[:], r.id[:], id[:], []byte(algorithm))
}

// sealed estimates what this process has sealed with k.
func (k *key) sealed() (n Count) {
	if k.aead != nil {
		messages, bytes := k.aead.Sealed()
		n = Count{messages, bytes}.minus(k.warmUp)
	}
	if k.before != nil {
		n = n.plus(k.before.sealed())
	}
	return n
}
