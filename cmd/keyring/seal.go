package main

import (
	"encoding/base64"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/keyring"
)

func (c *cli) sealCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "seal",
		Short: "Seal bytes for a namespace and path",
		Long: `seal reads any bytes and writes one sealed message: base64 on one line, or binary with --raw. It
opens only for the same region, namespace and path.`,
		Example: `  keyring seal --namespace default --path app/db --in secrets.json --out db.sealed
  printf s3cret | keyring seal --path app/token`,
		Args: cobra.NoArgs,
	}
	p := placeFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := c.site(cmd.Context())
		if err != nil {
			return err
		}
		defer s.close()
		plaintext, err := c.input(cmd.Context(), p)
		if err != nil {
			return err
		}
		defer clear(plaintext)
		return s.withRing(cmd.Context(), true, func(ring *keyring.Ring) error {
			// A person who was asked for a passphrase may have taken longer than the lease.
			if err := ring.Refresh(cmd.Context()); err != nil {
				return err
			}
			msg, err := ring.Seal(nil, plaintext, p.binding(s.config.Region))
			if err != nil {
				return err
			}
			if !p.raw {
				msg = append(base64.StdEncoding.AppendEncode(nil, msg), '\n')
			}
			return c.writeAll(p.out, msg)
		})
	}
	return cmd
}
