package token

import (
	"fmt"

	"github.com/sealwax/sealwax/keyring"
)

// Keys are where a verifier finds the key of a kid. A [keyring.Ring] is one, which follows the keystore; a [KeySet]
// stays as it is. It is called concurrently, for every token.
type Keys interface {
	VerificationKey(kid string) (keyring.VerificationKey, bool)
}

// A KeySet is a fixed set of verification keys. It is immutable.
type KeySet struct {
	keys map[string]keyring.VerificationKey
}

var _, _ Keys = (*keyring.Ring)(nil), (*KeySet)(nil)

// NewKeySet returns a set of these keys. It fails if two have the same kid.
func NewKeySet(keys []keyring.VerificationKey) (*KeySet, error) {
	s := &KeySet{make(map[string]keyring.VerificationKey, len(keys))}
	for _, k := range keys {
		if _, ok := s.keys[k.KID]; ok {
			return nil, fmt.Errorf("token: two keys have the kid %.64q", k.KID)
		}
		s.keys[k.KID] = k
	}
	return s, nil
}

// VerificationKey implements [Keys].
func (s *KeySet) VerificationKey(kid string) (keyring.VerificationKey, bool) {
	k, ok := s.keys[kid]
	return k, ok
}
