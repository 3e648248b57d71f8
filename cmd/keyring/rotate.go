package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// rotated is what keyring rotate reports. The names are API.
type rotated struct {
	ID         keystore.ID `json:"id"`
	Generation uint64      `json:"generation"`
	Identity   string      `json:"identity"`
	Owed       []string    `json:"owed"`
	Error      *string     `json:"error,omitempty"` // what went wrong after the keystore was written
}

func (c *cli) rotateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Make a new key and seal with it from now on",
		Long: `rotate makes a new key and seals with it from now on. The old keys still open. Only opening the
keystore calls a KEK.

--prepublish makes the key now, so that verifiers can learn of its signing keys, and plans when it seals.
On the date that is printed 'keyring maintain' activates it, with or without a rotation block in the
config; if nobody runs that, the key before goes on sealing, until 'keyring activate'.

Where the config says that several processes read the keystore, rotate itself prepublishes the key and
waits until all of them can have seen it. --now does not wait: for a moment they may meet messages
that they cannot open yet.

--new-root also replaces the root, which is what the KEKs wrap, and the identity: for a KEK that was
retired for cause, or a suspected leak. It calls every KEK and drops the stanza of one that does not
answer. The new identity is written into the config; other machines that pin the old one follow, and
should get the new pin.`,
		Example: `  keyring rotate
  keyring rotate --prepublish 24h
  keyring rotate --new-root`,
		Args: cobra.NoArgs,
	}
	asJSON := jsonFlag(cmd)
	newRoot := cmd.Flags().Bool("new-root", false, "also make a new root and a new identity")
	now := cmd.Flags().Bool("now", false, "do not wait for other readers")
	lead := cmd.Flags().Duration("prepublish", 0, "seal with the new key only so long from now")
	cmd.MarkFlagsMutuallyExclusive("new-root", "now", "prepublish")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if cmd.Flags().Changed("prepublish") {
			return c.prepublish(cmd.Context(), *lead, *asJSON)
		}
		report, err := c.rotate(cmd.Context(), turn{*newRoot, *now})
		if report == nil {
			return c.fail(*asJSON, err)
		}
		report.Error = text(err)
		if *asJSON {
			return errors.Join(err, c.printJSON(report))
		}
		fmt.Fprintf(c.out, "active key %s, generation %d\n", report.ID, report.Generation)
		if *newRoot {
			fmt.Fprintf(c.out, "new identity %s\n", report.Identity)
		}
		return err
	}
	return cmd
}

// turn is what rotate is to do beyond its name.
type turn struct{ newRoot, now bool }

func (c *cli) rotate(ctx context.Context, how turn) (report *rotated, err error) {
	s, err := c.site(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	if how.now {
		s.config.Keystore.Readers = 1
	}
	err = s.withRing(ctx, false, func(ring *keyring.Ring) error {
		id, err := s.turn(ctx, ring, how)
		seen := ring.Seen()
		s.remember(context.WithoutCancel(ctx), seen) // also of a wait that was cut short, after the key was made
		if id.IsZero() {
			return err
		}
		// From here on the keystore is written, whatever else went wrong.
		if how.newRoot {
			err = errors.Join(err, s.pin(seen.Identity))
		} else {
			c.warnOwed(owed(ring)...)
		}
		report = &rotated{ID: id, Generation: seen.Generation, Identity: keystore.FormatPin(seen.Identity), Owed: owed(ring)}
		return err
	})
	return report, err
}

func (s *site) turn(ctx context.Context, ring *keyring.Ring, how turn) (keystore.ID, error) {
	if how.newRoot {
		return ring.RotateRoot(ctx)
	}
	if readers := s.config.Keystore.Readers; readers > 1 {
		fmt.Fprintf(s.cli.err, "keyring: waiting %v, so that all %d readers can have seen the new key; --now does not wait\n", 2*refreshInterval, readers)
	}
	return ring.Rotate(ctx)
}

// owed returns the KEKs that are owed a stanza.
func owed(ring *keyring.Ring) []string {
	ids := []string{}
	for _, o := range ring.Owed() {
		ids = append(ids, o.KEK)
	}
	return ids
}

// warnOwed warns of debts. A command that has just made one has been told why by the ring itself.
func (c *cli) warnOwed(ids ...string) {
	for _, id := range ids {
		c.log.Warn("a KEK is owed a stanza: run 'keyring rewrap' when it answers", "kek", id)
	}
}
