package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// prepublished is what keyring rotate --prepublish reports. The names are API.
type prepublished struct {
	ID         keystore.ID `json:"id"`
	Activates  time.Time   `json:"activates"`
	Generation uint64      `json:"generation"`
}

// prepublish makes a key that becomes active after lead.
func (c *cli) prepublish(ctx context.Context, lead time.Duration, asJSON bool) error {
	if lead < time.Second {
		return c.fail(asJSON, usageError{errors.New("--prepublish must be 1s or more; without it the new key seals at once")})
	}
	report := &prepublished{}
	err := c.withRing(ctx, false, func(s *site, ring *keyring.Ring) (err error) {
		// Dates in the file are whole seconds: rounded up, the key is known for no less than was asked for.
		report.Activates = time.Now().UTC().Add(lead + time.Second - 1).Truncate(time.Second)
		report.ID, err = ring.Prepublish(ctx, report.Activates)
		if err != nil {
			return err
		}
		s.remember(ctx, ring.Seen())
		report.Generation = ring.Seen().Generation
		return nil
	})
	switch {
	case err != nil:
		return c.fail(asJSON, err)
	case asJSON:
		return c.printJSON(report)
	}
	fmt.Fprintf(c.out, "prepublished key %s, generation %d\nactive on %s if 'keyring maintain' runs then; now, with: keyring activate %s\n",
		report.ID, report.Generation, report.Activates.Format(time.RFC3339), report.ID)
	return nil
}
