package main

import (
	"context"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
)

// mayCount reports why there is no use yet in counting what is sealed with a key, to destroy it.
func (s *site) mayCount(ring *keyring.Ring, id keystore.ID, quiet time.Time, lease time.Duration) error {
	now := ring.Now()
	if !now.After(quiet) {
		return fmt.Errorf("others may seal with it until %s: run this again after that", quiet.Format(time.RFC3339))
	}
	until, err := s.tokensUntil(ring, id, lease)
	if err == nil && now.Before(until) {
		err = fmt.Errorf("tokens that it signed may be valid until %s, and nobody could verify them: run this again after that",
			until.Format(time.RFC3339))
	}
	return err
}

// tokensUntil returns when the last token of a retired key has expired, as every verifier reckons. It is the zero time if
// the key signed nothing, or nobody is to trust what it signed.
func (s *site) tokensUntil(ring *keyring.Ring, id keystore.ID, lease time.Duration) (time.Time, error) {
	for _, k := range ring.Keys() {
		if k.ID == id && len(k.Signing) > 0 && !k.Activated.IsZero() && !k.Compromised {
			return s.publishing(lease).Until(k.Retired)
		}
	}
	return time.Time{}, nil
}

// count takes a census of the sources. It may be of use to somebody who uses force even if there is an error.
func (s *site) count(ctx context.Context, ring *keyring.Ring, sources []source.Source) (*keyring.Census, error) {
	report, err := s.takeCensus(ctx, ring, sources)
	if report == nil {
		return nil, err
	}
	return &report.Census, err
}
