package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/internal/plural"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
)

// destroyed is what keyring destroy reports. The names are API.
type destroyed struct {
	ID         keystore.ID    `json:"id"`
	State      keystore.State `json:"state"`
	Generation uint64         `json:"generation"`
	Destroyed  time.Time      `json:"destroyed"`
	Census     *listedCensus  `json:"census"`
	Error      *string        `json:"error,omitempty"` // what went wrong after the keystore was written
}

func (c *cli) destroyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "destroy ID",
		Short: "Remove a retired key for ever, once nothing is sealed with it",
		Long: `destroy removes a key for ever. It counts what is sealed with the key in all sources of the config, so
backups have to be among them, and refuses while there is anything. The count has to begin when no
process can seal with the key any more: after its retirement, the lease of the keystore and the clock
skew; the error says when that is. A tombstone stays, with the count.

--force destroys it whatever was counted: what is sealed with the key is lost. It says how many
messages that are, and wants the ID once more, with --confirm or typed on the terminal.

ID is the whole ID of the key. If a command was stopped before it had removed the generation before,
which has the key, run it again.`,
		Example: `  keyring destroy 0193d5e0-0000-7000-8000-000000000001
  keyring destroy --force 0193d5e0-0000-7000-8000-000000000001`,
		Args: cobra.ExactArgs(1),
	}
	asJSON := jsonFlag(cmd)
	var d destruction
	cmd.Flags().BoolVar(&d.force, "force", false, "destroy it though messages are lost with it")
	cmd.Flags().StringVar(&d.confirm, "confirm", "", "with --force, the `ID` once more")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		report, err := c.destroy(cmd.Context(), args[0], d)
		if report == nil {
			return c.fail(*asJSON, err)
		}
		report.Error = text(err)
		if *asJSON {
			return errors.Join(err, c.printJSON(report))
		}
		c.printDestroyed(report)
		return err
	}
	return cmd
}

// destruction is one run of keyring destroy.
type destruction struct {
	id      keystore.ID
	force   bool
	confirm string
}

func (c *cli) destroy(ctx context.Context, id string, d destruction) (report *destroyed, err error) {
	if d.id, err = keystore.ParseID(id); err != nil {
		return nil, usageError{fmt.Errorf("%.64q is not the whole ID of a key, as 'keyring list' shows it", id)}
	}
	if err := c.mayConfirm(id, d); err != nil {
		return nil, usageError{err}
	}
	s, err := c.site(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	sources, err := s.allSources(d.force)
	if err != nil {
		return nil, err
	}
	defer s.closeSources(sources)
	err = s.withRing(ctx, false, func(ring *keyring.Ring) error {
		err := s.destroyKey(ctx, ring, sources, d)
		s.remember(context.WithoutCancel(ctx), ring.Seen())
		report = tombstoneOf(ring, d.id)
		return err
	})
	return report, err
}

// allSources returns the configured sources. Without any only force helps: nobody knows where to count.
func (s *site) allSources(force bool) ([]source.Source, error) {
	if len(s.config.Sources) > 0 {
		return s.sources(nil)
	}
	if force {
		return nil, nil
	}
	return nil, usageError{fmt.Errorf("%s has no source block, so nobody knows where messages of the key may be: "+
		"configure all places, the newest backups too, with source \"NAME\" { type = …, path = … }", s.config.File)}
}

// destroyKey destroys the key, or says why not.
func (s *site) destroyKey(ctx context.Context, ring *keyring.Ring, sources []source.Source, d destruction) error {
	if _, err := keyWith(d.id.String(), ring.Keys()); err != nil {
		return err
	}
	if tombstoneOf(ring, d.id) != nil {
		return ring.Destroy(ctx, d.id, nil) // makes sure that the generation before has gone
	}
	quiet, err := ring.QuietAfter(d.id)
	if err != nil && !(d.force && errors.Is(err, keyring.ErrKeyInUse)) {
		return err
	}
	if d.force {
		return s.destroyByForce(ctx, ring, sources, d)
	}
	contents, err := s.fetch(ctx) // for its lease: the ring may go by a shorter one
	if err != nil {
		return err
	}
	if err := s.mayCount(ring, d.id, quiet, contents.Lease); err != nil {
		return fmt.Errorf("keyring: destroy: %w: key %s: %w", keyring.ErrKeyInUse, d.id, err)
	}
	n, err := s.count(ctx, ring, sources)
	if err != nil {
		return err
	}
	return ring.Destroy(ctx, d.id, n)
}

// tombstoneOf reports a key that is destroyed, nil for any other.
func tombstoneOf(ring *keyring.Ring, id keystore.ID) *destroyed {
	for _, k := range ring.Keys() {
		if k.ID == id && k.State == keystore.Destroyed {
			return &destroyed{ID: id, State: k.State, Generation: ring.Seen().Generation, Destroyed: k.Destroyed,
				Census: listCensus(k.Census)}
		}
	}
	return nil
}

func (c *cli) printDestroyed(r *destroyed) {
	fmt.Fprintf(c.out, "key %s is destroyed, generation %d\n", r.ID, r.Generation)
	switch n := r.Census; {
	case n.Sources == 0:
		fmt.Fprintln(c.out, "nobody counted what was sealed with it")
	case n.Messages == 0:
		fmt.Fprintf(c.out, "nothing was sealed with it in %s\n", plural.Of(n.Sources, "source"))
	default:
		fmt.Fprintf(c.out, "lost: %s, %d bytes, in %s\n", plural.Of(n.Messages, "message"), n.Bytes, plural.Of(n.Sources, "source"))
	}
}
