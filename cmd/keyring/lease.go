package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// leased is what keyring lease reports. The names are API.
type leased struct {
	LeaseSeconds int64  `json:"lease_seconds"` // 0 is none
	Generation   uint64 `json:"generation"`
}

func (c *cli) leaseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lease DURATION",
		Short: "Say how long anybody seals who cannot read the keystore",
		Long: `lease writes into the keystore how long every process goes on sealing after it last read the keystore;
0 is for ever. Opening is not limited. Without a lease nobody knows when a retired key seals for the
last time, so no key can be destroyed. What 'keyring init' makes has one of 5 minutes, unless the
config says otherwise.

Processes go by the new lease once they have read it. One that cannot read the keystore goes on by the
old one: before a key is destroyed, restart what has not read it for so long.`,
		Example: `  keyring lease 5m`,
		Args:    cobra.ExactArgs(1),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := parseLease(args[0])
		if err != nil {
			return c.fail(*asJSON, err)
		}
		report, err := c.setLease(cmd.Context(), d)
		switch {
		case err != nil:
			return c.fail(*asJSON, err)
		case *asJSON:
			return c.printJSON(report)
		}
		fmt.Fprintf(c.out, "lease %s, generation %d\n", leaseText(d), report.Generation)
		return nil
	}
	return cmd
}

func parseLease(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, usageError{fmt.Errorf("%.40q is not a duration, such as 5m", s)}
	}
	if d < 0 || d > keystore.MaxLease || d%time.Second != 0 {
		return 0, usageError{fmt.Errorf("a lease is whole seconds, %v at most, or 0 for none; got %v", keystore.MaxLease, d)}
	}
	return d, nil
}

func (c *cli) setLease(ctx context.Context, d time.Duration) (report *leased, err error) {
	err = c.withRing(ctx, false, func(s *site, ring *keyring.Ring) error {
		if err := ring.SetLease(ctx, d); err != nil {
			return err
		}
		s.remember(ctx, ring.Seen())
		report = &leased{int64(d / time.Second), ring.Seen().Generation}
		return nil
	})
	return report, err
}

// leaseText is how people are told a lease.
func leaseText(d time.Duration) string {
	if d == 0 {
		return "none"
	}
	return d.String()
}
