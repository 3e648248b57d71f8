package keyring

import (
	"time"

	"github.com/sealwax/sealwax/aead"
	"github.com/sealwax/sealwax/keystore"
)

// KeyInfo is what a ring says about one of its keys. Nothing in it is secret, and it is the caller's. A time is zero as
// long as it has not come, and for ever if it never did.
type KeyInfo struct {
	ID          keystore.ID
	State       keystore.State
	Compromised bool
	Created     time.Time
	Activates   time.Time // planned, of a prepublished key; zero without a plan
	Activated   time.Time // zero also if it was retired before
	Retired     time.Time
	Destroyed   time.Time
	Suite       string
	Signing     []string         // algorithms of its signing keys, as JOSE names them; none of a tombstone
	Census      *keystore.Census // by which it was destroyed; nil unless it was
	Err         error            // why the key cannot be used; nil if it can
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
		Created: k.Created, Activates: k.Activates, Activated: k.Activated, Retired: k.Retired, Destroyed: k.Destroyed,
		Suite: aead.Suite(k.Suite).String()}
	for _, signing := range k.Signing {
		info.Signing = append(info.Signing, signing.Algorithm)
	}
	if k.Census != nil {
		census := *k.Census
		info.Census = &census
	}
	if loaded := s.keys[k.ID]; loaded != nil {
		info.Err = loaded.err
	}
	return info
}
