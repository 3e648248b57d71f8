package keyring

import (
	"errors"
	"slices"

	"github.com/sealwax/sealwax/keystore"
)

// spares are the pairs for keys that a write may add, a set for each key. They are made while no other writer waits, and
// belong to one call to commit: what was perhaps written is never used for a second key.
type spares struct {
	sets  [][]pair
	taken int // by the edit under way
}

// errNoSpare ends an edit that adds a key when there are no pairs for it. Commit makes some, and calls the edit again.
var errNoSpare = errors.New("no signing keys were made in advance")

// makeOne adds a set.
func (s *spares) makeOne(signing Signing) error {
	pairs, err := signing.makePairs()
	if err != nil {
		return err
	}
	s.sets = append(s.sets, pairs)
	return nil
}

// clear clears the private halves.
func (s *spares) clear() {
	for _, set := range s.sets {
		clearPairs(set)
	}
}

// takePairs returns the pairs for one key that an edit adds to c; no other key gets any of them. There are none if new keys
// shall have no signing keys. The caller holds r.writing.
func (r *Ring) takePairs(c *keystore.Contents) ([]pair, error) {
	wanted := len(r.opts.Signing.Algorithms) > 0
	if wanted && r.spares.taken == len(r.spares.sets) {
		return nil, errNoSpare
	}
	r.warnOfLess(c)
	if !wanted {
		return nil, nil
	}
	r.spares.taken++
	return r.spares.sets[r.spares.taken-1], nil
}

// warnOfLess logs what the active key signs with and the next one will not: Options.Signing may be missing by mistake.
func (r *Ring) warnOfLess(c *keystore.Contents) {
	active := c.Active()
	if active == nil {
		return
	}
	for _, s := range active.Signing {
		if !slices.Contains(r.opts.Signing.Algorithms, s.Algorithm) {
			r.opts.Logger.Warn("keyring: the active key signs with an algorithm that the new key has no signing key for",
				"key", active.ID, "algorithm", s.Algorithm)
		}
	}
}
