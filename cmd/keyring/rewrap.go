package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/wrappers"
)

// rewrapped is what keyring rewrap and keyring recover report. The names are API.
type rewrapped struct {
	Generation   uint64           `json:"generation"`
	Wrapped      []string         `json:"wrapped"`
	Owed         []string         `json:"owed"`
	Dropped      []string         `json:"dropped"`
	NoLongerOwed []string         `json:"no_longer_owed"`
	Groups       []rewrappedGroup `json:"groups"`          // those with a threshold above 1
	Error        *string          `json:"error,omitempty"` // what went wrong after the keystore was written

	causes map[string]error // why a KEK is owed
}

func (c *cli) rewrapCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rewrap",
		Short: "Wrap the root for the KEKs that the config names now",
		Long: `rewrap gives every active KEK of the config a fresh stanza, under the current version of its key,
and takes it from those that are inactive or no longer there. At least one must wrap and unwrap
before anything is dropped, or as many of a group as open the keystore. A KEK that does not answer
keeps what it had and is owed a fresh stanza: run rewrap again later. Its group keeps its shares.`,
		Example: `  keyring rewrap`,
		Args:    cobra.NoArgs,
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		report, err := c.rewrap(cmd.Context())
		if report == nil {
			return c.fail(*asJSON, err)
		}
		report.Error = text(err)
		return errors.Join(err, c.printRewrapped(report, *asJSON))
	}
	return cmd
}

func (c *cli) rewrap(ctx context.Context) (report *rewrapped, err error) {
	err = c.withRing(ctx, false, func(s *site, ring *keyring.Ring) error {
		report, err = s.rewrapRing(ctx, ring)
		return err
	})
	return report, err
}

// rewrapRing wraps the ring's root for the configured KEKs. With a report the keystore is written, whatever else went
// wrong.
func (s *site) rewrapRing(ctx context.Context, ring *keyring.Ring) (*rewrapped, error) {
	report, err := ring.Rewrap(ctx, s.keks...)
	if report == nil {
		return nil, err
	}
	s.remember(ctx, ring.Seen())
	return &rewrapped{
		causes:       report.Owed,
		Generation:   report.Generation,
		Wrapped:      append([]string{}, report.Wrapped...),
		Owed:         append([]string{}, slices.Sorted(maps.Keys(report.Owed))...),
		Dropped:      append([]string{}, report.Dropped...),
		NoLongerOwed: append([]string{}, report.NoLongerOwed...),
		Groups:       rewrappedGroups(report.Groups),
	}, err
}

func (c *cli) printRewrapped(r *rewrapped, asJSON bool) error {
	if asJSON {
		return c.printJSON(r)
	}
	w := c.table()
	fmt.Fprintf(w, "KEK\tSTANZA\n")
	for _, k := range r.Wrapped {
		fmt.Fprintf(w, "%s\t%s\n", k, c.green("fresh"))
	}
	for _, k := range r.Owed {
		fmt.Fprintf(w, "%s\t%s\n", k, c.red(nextFor(r.causes[k])))
	}
	for _, k := range r.Dropped {
		fmt.Fprintf(w, "%s\tdropped\n", k)
	}
	for _, k := range r.NoLongerOwed {
		fmt.Fprintf(w, "%s\tno longer owed: inactive, or not in the config\n", k)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, g := range r.Groups {
		fmt.Fprintln(c.out, g)
	}
	return nil
}

// nextFor returns what to do about a debt.
func nextFor(cause error) string {
	if wrappers.HasClass(cause, wrappers.Ask) {
		return "owed: mend what the warning says, then run 'keyring rewrap' again"
	}
	return "owed: run 'keyring rewrap' again when it answers"
}
