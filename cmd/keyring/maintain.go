package main

import (
	"context"
	"errors"
	"sync"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/internal/sleep"
	"github.com/sealwax/sealwax/keyring"
)

func (c *cli) maintainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "maintain",
		Short: "Replace keys when it is time, and pay what KEKs are owed",
		Long: `maintain replaces keys as the rotation and signing blocks want it, activates those that were
prepublished with a date, and gives KEKs that are owed a stanza theirs when they answer. What keys that
are marked compromised have sealed it moves to the active key, in the sources of the config that are not
read-only. It runs until it is told to end by SIGTERM or SIGINT, and logs what it does. Of several that
run for one keystore, exactly one does what is due.

--once does what is due now, and reports: for cron or a timer, which should come more often than a
two-hundredth of the period. Where several processes read the keystore it may wait a minute for them. It
ends with 3 if a rotation is overdue, also after what it could do.`,
		Example: `  keyring maintain
  keyring maintain --once --json`,
		Args: cobra.NoArgs,
	}
	asJSON := jsonFlag(cmd)
	once := cmd.Flags().Bool("once", false, "do what is due now, and end")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		switch {
		case *once:
			return c.maintainOnce(cmd.Context(), *asJSON)
		case *asJSON:
			return c.fail(true, usageError{errors.New("--json goes with --once; without it, what was done is logged: --log-format json")})
		case !cmd.Flags().Changed("log-level"):
			c.logLevel = "info" // what it does is all that it has to say
			if err := c.startLog(); err != nil {
				return err
			}
		}
		return c.maintain(cmd.Context())
	}
	return cmd
}

// maintain maintains the keystore until a signal comes.
func (c *cli) maintain(ctx context.Context) error {
	s, err := c.site(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	s.payInterval = 0 // the default
	return s.withRing(ctx, false, func(ring *keyring.Ring) error {
		c.log.Info("maintaining", "keystore", ring.ID(), "rotation", s.rotationNow(ring))
		beside, stop := context.WithCancel(ctx)
		maintained, end := context.WithCancel(context.WithoutCancel(ctx)) // a write may be under way when the signal comes
		var group sync.WaitGroup
		group.Go(func() { s.rememberAll(maintained, ring) })
		group.Go(func() { newMover(s, ring).run(beside) })
		err := ring.Maintain(ctx)
		stop()
		end()
		group.Wait()
		if errors.Is(ctx.Err(), context.Canceled) {
			return nil // a signal is how it ends
		}
		return err
	})
}

// rememberAll keeps what ring has seen, until ctx ends: whatever command comes next must not take an older generation.
func (s *site) rememberAll(ctx context.Context, ring *keyring.Ring) {
	last := ring.Seen().Generation
	for ctx.Err() == nil {
		sleep.For(ctx, refreshInterval)
		if now := ring.Seen(); now.Generation != last {
			s.remember(context.WithoutCancel(ctx), now)
			last = now.Generation
		}
	}
}

// rotationNow says when the active key is replaced next.
func (s *site) rotationNow(ring *keyring.Ring) string {
	next := ring.Schedule()
	if next.Next.IsZero() {
		return s.unplanned()
	}
	return planText(next)
}
