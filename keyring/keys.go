package keyring

import (
	"time"

	"github.com/sealwax/sealwax/aead"
	"github.com/sealwax/sealwax/keystore"
)

// KeyInfo is what a ring says about one of its keys.
type KeyInfo struct {
	ID          keystore.ID
	State       keystore.State
	Compromised bool
	Created     time.Time
	Activated   time.Time // zero if it never was
	Suite       string
	Err         error // why the key cannot be used; nil if it can
}

// Keys returns the keys of the ring in the order of their creation, unusable ones and tombstones included.
func (r *Ring) Keys() []KeyInfo {
	s := r.state.Load()
	infos := make([]KeyInfo, len(s.contents.Keys))
	for i := range infos {
		infos[i] = s.info(&s.contents.Keys[i])
	}
	return infos
}

func (s *state) info(k *keystore.Key) KeyInfo {
	info := KeyInfo{ID: k.ID, State: k.State, Compromised: k.Compromised,
		Created: k.Created, Activated: k.Activated, Suite: aead.Suite(k.Suite).String()}
	if loaded := s.keys[k.ID]; loaded != nil {
		info.Err = loaded.err
	}
	return info
}
