package main

import (
	"bytes"
	"encoding/base64"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/keyring"
)

func (c *cli) openCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "open",
		Short: "Open a sealed message",
		Long: `open writes the bytes that were sealed, exactly. Nothing is written unless the message is authentic
and belongs to the region, namespace and path.`,
		Example: `  keyring open --namespace default --path app/db --in db.sealed
  keyring open --path app/db --in db.sealed --out secrets.json`,
		Args: cobra.NoArgs,
	}
	p := placeFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := c.site(cmd.Context())
		if err != nil {
			return err
		}
		defer s.close()
		msg, err := c.input(cmd.Context(), p)
		if err == nil && !p.raw {
			msg, err = decodeLine(msg)
		}
		if err != nil {
			return err
		}
		return s.withRing(cmd.Context(), true, func(ring *keyring.Ring) error {
			plaintext, err := ring.OpenContext(cmd.Context(), nil, msg, p.binding(s.config.Region))
			if err != nil {
				return fmt.Errorf("open %s in namespace %s: %w", p.path, p.namespace, err)
			}
			defer clear(plaintext)
			return c.writeAll(p.out, plaintext)
		})
	}
	return cmd
}

// decodeLine decodes what seal writes without --raw: one line of base64, whose newline an editor or a shell may have
// taken away.
func decodeLine(line []byte) ([]byte, error) {
	line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
	if bytes.ContainsAny(line, "\r\n") {
		return nil, fmt.Errorf("%w: more than one line (was it sealed with --raw?)", keyring.ErrFormat)
	}
	msg, err := base64.StdEncoding.Strict().AppendDecode(nil, line)
	if err != nil {
		return nil, fmt.Errorf("%w: not base64 (was it sealed with --raw?)", keyring.ErrFormat)
	}
	return msg, nil
}
