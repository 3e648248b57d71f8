package main

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/wrappers/hpke"
)

// madeRecipient is what keyring recipient new reports. The names are API.
type madeRecipient struct {
	Recipient   string `json:"recipient"`
	Fingerprint string `json:"fingerprint"`
	File        string `json:"file"`
}

func (c *cli) recipientCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "recipient",
		Short:   "Make offline recovery keys",
		Example: `  keyring recipient new --out recovery.key`,
	}
	cmd.AddCommand(c.recipientNewCommand())
	return cmd
}

func (c *cli) recipientNewCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Make a recovery key and print its recipient",
		Long: `new writes a recovery key to a new file and prints the recipient that belongs to it. Put the
recipient into a keyring "hpke" block and run 'keyring rewrap'; take the file offline. Nobody needs
the file until every other KEK is lost.`,
		Example: `  keyring recipient new --out recovery.key`,
		Args:    cobra.NoArgs,
	}
	asJSON := jsonFlag(cmd)
	out := cmd.Flags().String("out", "", "file for the recovery key, which must not exist (required)")
	cmd.MarkFlagRequired("out")
	cmd.RunE = func(*cobra.Command, []string) error {
		r, err := newRecipient(*out)
		if err != nil {
			return c.fail(*asJSON, err)
		}
		if *asJSON {
			return c.printJSON(madeRecipient{r.String(), r.Fingerprint(), *out})
		}
		_, err = fmt.Fprintln(c.out, r)
		return err
	}
	return cmd
}

func newRecipient(file string) (*hpke.Recipient, error) {
	if file == stdio {
		return nil, usageError{errors.New("--out: a recovery key goes to a file, not to standard output")}
	}
	key, err := hpke.Generate()
	if err != nil {
		return nil, err
	}
	defer key.Clear()
	text := key.AppendFile(nil, time.Now())
	defer clear(text)
	err = durable.CreateFile(file, text, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s exists already: a recovery key is never overwritten", file)
	}
	if err != nil {
		return nil, err
	}
	return key.Recipient(), nil
}
