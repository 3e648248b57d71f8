package main

import (
	"context"
	"fmt"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// stepped is what the commands report that take one key a step further: activate and withdraw. The names are API.
type stepped struct {
	ID         keystore.ID    `json:"id"`
	State      keystore.State `json:"state"`
	Active     *keystore.ID   `json:"active"` // what seals now
	Generation uint64         `json:"generation"`
}

// stepKey takes the key whose ID begins with prefix a step further. It also returns what was the active key before.
func (c *cli) stepKey(ctx context.Context, prefix string, step func(*keyring.Ring, context.Context, keystore.ID) error) (report *stepped, before *keystore.ID, err error) {
	if err := checkIDPrefix(prefix); err != nil {
		return nil, nil, err
	}
	err = c.withRing(ctx, false, func(s *site, ring *keyring.Ring) error {
		keys := ring.Keys()
		id, err := keyWith(prefix, keys)
		if err != nil {
			return err
		}
		before = activeOf(keys)
		if err := step(ring, ctx, id); err != nil {
			return err
		}
		s.remember(ctx, ring.Seen())
		report = &stepped{ID: id, Generation: ring.Seen().Generation, Active: activeOf(ring.Keys())}
		for _, k := range ring.Keys() {
			if k.ID == id {
				report.State = k.State
			}
		}
		return nil
	})
	return report, before, err
}

// activeOf returns the ID of the active key, nil if there is none.
func activeOf(keys []keyring.KeyInfo) *keystore.ID {
	for _, k := range keys {
		if k.State == keystore.Active {
			return &k.ID
		}
	}
	return nil
}

// printStepped reports a step: as JSON, or what the key is now.
func (c *cli) printStepped(report *stepped, asJSON bool) error {
	if asJSON {
		return c.printJSON(report)
	}
	fmt.Fprintf(c.out, "key %s is %s, generation %d\n", report.ID, report.State, report.Generation)
	return nil
}
