package keyring

import (
	"crypto"
	"fmt"
	"slices"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// A VerificationKey is the public half of a signing key, for whoever verifies. It says what the keystore says: which
// of them are to be believed now is for the verifier to decide, by State, Compromised and the times.
type VerificationKey struct {
	// KID names it in tokens. It is the key's ID for the first signing key of a key, and ID-ALG, such as
	// 0193d5e0-0000-7000-8000-000000000102-RS256, for each further one: a kid stands for one algorithm only.
	KID string

	Key       keystore.ID
	Algorithm string           // "EdDSA", "ES256" or "RS256"
	Public    crypto.PublicKey // ed25519.PublicKey, *ecdsa.PublicKey (P-256) or *rsa.PublicKey; nil if Err is set

	State       keystore.State
	Compromised bool
	Created     time.Time
	Activates   time.Time // planned; zero without a plan
	Activated   time.Time // zero if it never was active
	Retired     time.Time // zero until it is

	Err error // why it cannot be used; one bad key never hides another
}

// VerificationKeys returns the public halves of all signing keys of c, in the order of the keystore, prepublished, retired
// and compromised ones included. Tombstones have none. It needs no KEK. The caller must not change the public keys.
func VerificationKeys(c *keystore.Contents) []VerificationKey {
	var keys []VerificationKey
	for i := range c.Keys {
		k := &c.Keys[i]
		for at := range k.Signing {
			keys = append(keys, verificationKey(k, at))
		}
	}
	return keys
}

// VerificationKeys is the function of that name for the generation that the ring holds. Each generation is parsed once,
// when somebody asks for the first time. The slice is the caller's.
func (r *Ring) VerificationKeys() []VerificationKey {
	return slices.Clone(r.state.Load().verification().keys)
}

// VerificationKey returns the verification key that tokens name with this kid, and whether there is one. It allocates
// nothing.
//
// One that is not known, or not active yet, makes the ring look at its store soon, at most once a second: another
// process may have made it, or activated it. A closed ring vouches for none, as it would not hear of a key that is marked
// compromised.
func (r *Ring) VerificationKey(kid string) (VerificationKey, bool) {
	s := r.state.Load()
	if s.closed {
		return VerificationKey{}, false
	}
	v := s.verification()
	at, ok := v.byKID[kid]
	if !ok {
		r.follower.wake()
		return VerificationKey{}, false
	}
	if v.keys[at].State == keystore.Prepublished {
		r.follower.wake()
	}
	return v.keys[at], true
}

func verificationKey(k *keystore.Key, at int) VerificationKey {
	algorithm := k.Signing[at].Algorithm
	v := VerificationKey{
		KID: kid(k.ID, at, algorithm), Key: k.ID, Algorithm: algorithm,
		State: k.State, Compromised: k.Compromised,
		Created: k.Created, Activates: k.Activates, Activated: k.Activated, Retired: k.Retired,
	}
	public, err := parsePublic(algorithm, k.Signing[at].Public)
	if err != nil {
		v.Err = fmt.Errorf("%w %s: the public half of its %s signing key: %w", ErrKeyUnusable, k.ID, algorithm, err)
		return v
	}
	v.Public = public
	return v
}

// kid returns the name of the signing key that stands at this place among those of the key.
func kid(id keystore.ID, at int, algorithm string) string {
	if at == 0 {
		return id.String()
	}
	return id.String() + "-" + algorithm
}

// verification is what a generation has of verification keys.
type verification struct {
	keys  []VerificationKey
	byKID map[string]int
}

func newVerification(c *keystore.Contents) *verification {
	v := &verification{keys: VerificationKeys(c), byKID: make(map[string]int)}
	for i := range v.keys {
		v.byKID[v.keys[i].KID] = i
	}
	return v
}
