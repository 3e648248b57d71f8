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

--new-root also replaces the root, which is what the KEKs wrap, and the identity: for a KEK that was
retired for cause, or a suspected leak. It calls every KEK and drops the stanza of one that does not
answer. The new identity is written into the config; other machines that pin the old one follow, and
should get the new pin.`,
		Example: `  keyring rotate
  keyring rotate --new-root`,
		Args: cobra.NoArgs,
	}
	asJSON := jsonFlag(cmd)
	newRoot := cmd.Flags().Bool("new-root", false, "also make a new root and a new identity")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		report, err := c.rotate(cmd.Context(), *newRoot)
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

func (c *cli) rotate(ctx context.Context, newRoot bool) (report *rotated, err error) {
	err = c.withRing(ctx, false, func(s *site, ring *keyring.Ring) error {
		turn := ring.Rotate
		if newRoot {
			turn = ring.RotateRoot
		}
		id, err := turn(ctx)
		if id.IsZero() {
			return err
		}
		// From here on the keystore is written, whatever else went wrong.
		seen := ring.Seen()
		s.remember(ctx, seen)
		if newRoot {
			err = errors.Join(err, s.pin(seen.Identity))
		} else {
			c.warnOwed(owed(ring)...)
		}
		report = &rotated{ID: id, Generation: seen.Generation, Identity: keystore.FormatPin(seen.Identity), Owed: owed(ring)}
		return err
	})
	return report, err
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
