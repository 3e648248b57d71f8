package keyring

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// Rotation says when a key is to be replaced. A key's age counts from its activation.
type Rotation struct {
	// Period is how long a key seals, a second or more. Zero is for ever.
	Period time.Duration

	// Prepublish is how long before its activation the next key is in the keystore, and its verification keys in the JWKS.
	// Zero is a thirtieth of the period, 24 h of 720 h; a negative one is not at all. It is less than the period.
	Prepublish time.Duration

	// Messages and Bytes are how much a key seals, as far as that is known: it is an estimate, and of what other
	// processes have sealed since they last said so nothing is known. So zero is half of what its suite allows. All of
	// that is the most.
	Messages uint64
	Bytes    uint64
}

// check reports what cannot be meant.
func (p Rotation) check() error {
	messages, bytes := Limits(uint8(sealingSuite))
	switch {
	case p.Period < 0:
		return fmt.Errorf("a period of %s: no key seals for less than nothing; without a period it seals for ever", p.Period)
	case p.Period > 0 && p.Period < time.Second:
		return fmt.Errorf("a period of %s: the keystore's times are whole seconds, so the shortest is 1s", p.Period)
	case p.Period == 0 && p.Prepublish > 0:
		return errors.New("a prepublish without a period: it says how long before the period's end the next key is known")
	case p.Period > 0 && p.Prepublish >= p.Period:
		return fmt.Errorf("a prepublish of %s in a period of %s: it must be shorter", p.Prepublish, p.Period)
	case p.Messages > messages:
		return fmt.Errorf("%d messages a key: with %s it seals %d at most", p.Messages, sealingSuite, messages)
	case p.Bytes > bytes:
		return fmt.Errorf("%d bytes a key: with %s it seals %d at most", p.Bytes, sealingSuite, bytes)
	}
	return nil
}

// aMonth stands for the period where keys seal for ever, and something has to be in proportion to it.
const aMonth = 720 * time.Hour

// base is what everything that shall be small is small against.
func (p Rotation) base() time.Duration { return cmp.Or(p.Period, aMonth) }

// limits returns how much a key seals.
func (p Rotation) limits() Count {
	messages, bytes := Limits(uint8(sealingSuite))
	return Count{cmp.Or(p.Messages, messages/2), cmp.Or(p.Bytes, bytes/2)}
}

// policy is what of a ring's options decides when a key is replaced.
type policy struct {
	Rotation
	algorithms []string      // that an active key has to sign with
	readers    time.Duration // how long until every reader knows a new key; zero if there is no other reader
}

func (o *Options) policy() policy {
	p := policy{Rotation: o.Rotation, algorithms: o.Signing.Algorithms}
	if o.Readers > 1 {
		known := Options{RefreshInterval: cmp.Or(o.RefreshInterval, defaultRefreshInterval), ClockSkew: cmp.Or(o.ClockSkew, defaultClockSkew)}
		p.readers = known.visibleByAnyClock()
	}
	return p
}

// lead is how long a new key is known before it seals.
func (p *policy) lead() time.Duration {
	lead := p.Prepublish
	if lead == 0 {
		lead = p.base() / 30
	}
	return inSeconds(max(lead, p.readers, 0))
}

// shortLead is the lead of a key that should be active already. It is half of what a rotation may be late.
func (p *policy) shortLead() time.Duration {
	return inSeconds(max(min(p.lead(), p.base()/200), p.readers))
}

// inSeconds rounds up: the keystore's times are whole seconds, and no lead shall become shorter by that.
func inSeconds(d time.Duration) time.Duration {
	if part := d % time.Second; part > 0 {
		return d - part + time.Second
	}
	return d
}

// signs reports whether k has all the signing keys that an active key should have.
func (p *policy) signs(k *keystore.Key) bool {
	for _, algorithm := range p.algorithms {
		if !hasSigning(k, algorithm) {
			return false
		}
	}
	return true
}

// losesSigning reports whether k, in the place of the active key, would leave those who sign without an algorithm that they
// have now: k was made before, or by somebody, without Options.Signing.
func (p *policy) losesSigning(active, k *keystore.Key) bool {
	return active != nil && slices.ContainsFunc(p.algorithms, func(algorithm string) bool {
		return hasSigning(active, algorithm) && !hasSigning(k, algorithm)
	})
}

func hasSigning(k *keystore.Key, algorithm string) bool {
	return slices.ContainsFunc(k.Signing, func(s keystore.SigningKey) bool { return s.Algorithm == algorithm })
}
