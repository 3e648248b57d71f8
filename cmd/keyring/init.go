package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

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
}

func (c *cli) initCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make a new keystore",
		Long: `init makes the keystore that the config describes, with one key, and pins its identity in the config. An existing keystore is never
touched. With --dev it first makes a folder with a config and a key file: for development, since the key lies beside what it wraps.`,
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
		if err != nil {
			return c.fail(*asJSON, err)
		}
		if *asJSON {
			return c.printJSON(report)
		}
		_, err = fmt.Fprintf(c.out, "keystore %s in %s\nidentity %s, pinned in %s\n", report.ID, report.Path, report.Identity, report.Config)
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
	seen, err := s.create(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.pin(seen.Identity); err != nil {
		return nil, err
	}
	return s.initialized(ctx, seen), nil
}

// create makes the keystore.
func (s *site) create(ctx context.Context) (keystore.Seen, error) {
	ring, err := keyring.Create(ctx, s.store, s.keks, &keyring.Options{
		Cluster: s.config.Cluster, Region: s.config.Region, RefreshInterval: -1, Logger: s.cli.log,
	})
	if err != nil {
		return keystore.Seen{}, err
	}
	defer ring.Close()
	seen := ring.Seen()
	if s.seen != nil {
		// Accept, because what was at this path before no longer matters.
		if err := s.seen.Accept(ctx, seen); err != nil {
			s.warnUnseen(err)
		}
	}
	return seen, nil
}

func (s *site) initialized(ctx context.Context, seen keystore.Seen) *initialized {
	return &initialized{seen.ID, s.store.Path(), s.config.File, keystore.FormatPin(seen.Identity), s.owed(ctx)}
}
