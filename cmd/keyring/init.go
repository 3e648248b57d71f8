package main

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/internal/shell"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// initialized is what keyring init reports. The names are API.
type initialized struct {
	ID       keystore.ID `json:"id"`
	Path     string      `json:"path"`
	Config   string      `json:"config"`
	Identity string      `json:"identity"`
	Owed     []string    `json:"owed"`
	Error    *string     `json:"error,omitempty"` // what went wrong after the keystore was written

	identity ed25519.PublicKey
}

func (c *cli) initCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make a new keystore",
		Long: `init makes the keystore that the config describes, with one key, and pins its identity in the
config. An existing keystore is never touched. With --dev it first makes a folder with a config and
a key file: for development, since the key lies beside what it wraps.`,
		Example: `  keyring init --dev demo
  keyring init --config /etc/sealwax/keyring.hcl`,
		Args: cobra.NoArgs,
	}
	asJSON := jsonFlag(cmd)
	dev := cmd.Flags().String("dev", "", "make `DIR` with a config, a key file and a keystore")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		run := c.init
		if *dev != "" {
			run = func(ctx context.Context) (*initialized, error) { return c.initDev(ctx, *dev) }
		}
		report, err := run(cmd.Context())
		if report == nil {
			return c.fail(*asJSON, err)
		}
		report.Error = text(err)
		if *asJSON {
			return errors.Join(err, c.printJSON(report))
		}
		pinned := "pinned in " + report.Config
		if err != nil {
			pinned = "not pinned"
		}
		fmt.Fprintf(c.out, "keystore %s in %s\nidentity %s, %s\n", report.ID, report.Path, report.Identity, pinned)
		return err
	}
	return cmd
}

func (c *cli) init(ctx context.Context) (*initialized, error) {
	s, err := c.site(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	if err := s.mustBeNew(ctx); err != nil {
		return nil, usageError{err}
	}
	report, err := s.create(ctx)
	if err != nil {
		return nil, err
	}
	return report, s.pin(report.identity)
}

// mustBeNew refuses to make a keystore where there was one before: a file that is missing may have been lost or taken
// away, and its pin and what was last seen of it are what a restored one is checked against.
func (s *site) mustBeNew(ctx context.Context) error {
	if _, err := s.store.Read(ctx); !errors.Is(err, keystore.ErrNotFound) {
		return nil // it is still there: Create says so
	}
	if pin := s.config.Keystore.Identity; pin != nil {
		return fmt.Errorf("%s pins the identity %s of a keystore that was made before: restore that one, or remove the line to make another",
			s.config.File, keystore.FormatPin(pin))
	}
	if s.seen == nil {
		return nil
	}
	seen, err := s.seen.Load()
	if err == nil && !seen.ID.IsZero() {
		err = fmt.Errorf("there was a keystore in %s before, %s, of generation %d when it was last seen: restore that one, or forget it to make another: rm %s",
			s.store.Path(), seen.ID, seen.Generation, shell.Path(s.seen.Path()))
	}
	return err
}

// defaultLease is the lease of a new keystore: a key can be destroyed soon after its retirement, and a disk may be away for
// minutes before anybody stops sealing.
const defaultLease = 5 * time.Minute

// create makes the keystore.
func (s *site) create(ctx context.Context) (*initialized, error) {
	o := s.configured()
	o.Lease = cmp.Or(o.Lease, defaultLease)
	ring, err := keyring.Create(ctx, s.store, s.keks, o)
	if err != nil {
		return nil, err
	}
	defer ring.Close()
	seen := ring.Seen()
	if s.seen != nil {
		// Accept, because what a deleted folder of the same name held no longer matters.
		if err := s.seen.Accept(ctx, seen); err != nil {
			s.warnUnseen(err)
		}
	}
	return &initialized{
		ID: seen.ID, Path: s.store.Path(), Config: s.config.File, Identity: keystore.FormatPin(seen.Identity), Owed: owed(ring),
		identity: seen.Identity,
	}, nil
}
