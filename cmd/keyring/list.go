package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/aead"
	"github.com/sealwax/sealwax/keystore"
)

// listedKey is one element of what keyring list reports. The names are API.
type listedKey struct {
	ID          keystore.ID    `json:"id"`
	State       keystore.State `json:"state"`
	Compromised bool           `json:"compromised"`
	Created     time.Time      `json:"created"`
	Suite       string         `json:"suite"`
}

func (c *cli) listCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the keys in the order of their creation; calls no KEK",
		Long: `list shows the keys in the order of their creation. It calls no KEK, so it does not prove that they
open: verify does. With --json the array is empty when the keystore could not be read: look at the
exit code first.`,
		Example: `  keyring list
  keyring list --json | jq -r '.[] | select(.state == "active").id'`,
		Args: cobra.NoArgs,
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		keys, err := c.listedKeys(cmd)
		if *asJSON {
			c.printJSON(keys) // an empty array beside an error: the exit code tells
			return err
		}
		if err != nil {
			return err
		}
		return c.printKeys(keys)
	}
	return cmd
}

func (c *cli) listedKeys(cmd *cobra.Command) ([]listedKey, error) {
	keys := []listedKey{}
	s, err := c.site(cmd.Context())
	if err != nil {
		return keys, err
	}
	defer s.close()
	contents, err := s.fetch(cmd.Context())
	if err != nil {
		return keys, err
	}
	for _, k := range contents.Keys {
		keys = append(keys, listedKey{k.ID, k.State, k.Compromised, k.Created, aead.Suite(k.Suite).String()})
	}
	return keys, nil
}

func (c *cli) printKeys(keys []listedKey) error {
	w := c.table()
	fmt.Fprintln(w, "KEY\tSTATE\tCREATED\tSUITE")
	for _, k := range keys {
		state := k.State.String()
		if k.State == keystore.Active {
			state = c.green(state)
		}
		if k.Compromised {
			state += ", " + c.red("compromised")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", k.ID, state, k.Created.Format(time.RFC3339), k.Suite)
	}
	return w.Flush()
}
