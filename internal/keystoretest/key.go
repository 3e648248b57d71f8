package keystoretest

import (
	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/keystore"
)

var states = []keystore.State{keystore.Prepublished, keystore.Active, keystore.Retired, keystore.Destroyed}

// keys draws keys in the order of their creation, at most one of them active.
func (d *drawer) keys() []keystore.Key {
	var keys []keystore.Key
	active := false
	for range rapid.IntRange(0, 6).Draw(d.T, "keys") {
		k := d.key()
		if k.State == keystore.Active && active {
			d.retire(&k)
		}
		active = active || k.State == keystore.Active
		keys = append(keys, k)
	}
	return keys
}

func (d *drawer) key() keystore.Key {
	k := keystore.Key{
		ID:          d.id(),
		State:       rapid.SampledFrom(states).Draw(d.T, "state"),
		Compromised: d.bool("compromised"),
		Created:     d.later(),
		Suite:       rapid.Uint8Range(1, 4).Draw(d.T, "suite"),
	}
	if k.State >= keystore.Retired && d.bool("legacy") {
		k.Suite |= 0x80
		copy(k.ID[4:], d.bytes("legacy ID", 12, 12))
	}
	if k.State == keystore.Prepublished && d.bool("planned") {
		k.Activates = k.Created.AddDate(1, 0, 0)
	}
	if k.State == keystore.Active || k.State >= keystore.Retired && d.bool("was active") {
		k.Activated = d.later()
	}
	if k.State >= keystore.Retired {
		k.Retired = d.later()
	}
	if k.State == keystore.Destroyed {
		k.Census = d.census()
		k.Destroyed = d.later()
		return k
	}
	k.SealedDEK = d.bytes("sealed key", 41, 80)
	k.Signing = d.signing()
	return k
}

func (d *drawer) retire(k *keystore.Key) {
	k.State, k.Retired = keystore.Retired, d.later()
}

func (d *drawer) signing() []keystore.SigningKey {
	var keys []keystore.SigningKey
	for _, algorithm := range []string{"EdDSA", "ES256", "RS256"} {
		if d.bool(algorithm) {
			keys = append(keys, keystore.SigningKey{Algorithm: algorithm, Public: d.bytes("public", 1, 60), SealedPrivate: d.bytes("private", 41, 100)})
		}
	}
	return keys
}

func (d *drawer) census() *keystore.Census {
	n := &keystore.Census{Taken: d.later(), Sources: rapid.Uint64Range(0, 1<<53-1).Draw(d.T, "sources"), Forced: d.bool("forced")}
	if n.Forced {
		n.Messages = rapid.Uint64Range(0, 1<<53-1).Draw(d.T, "messages")
	}
	if n.Messages > 0 {
		n.Bytes = rapid.Uint64Range(0, 1<<53-1).Draw(d.T, "bytes")
	}
	return n
}
