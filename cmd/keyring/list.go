package main

import (
	"fmt"
	"strings"
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

	// What has not happened is null. A prepublished key with a date activates then.
	Activates *time.Time    `json:"activates"`
	Activated *time.Time    `json:"activated"`
	Retired   *time.Time    `json:"retired"`
	Destroyed *time.Time    `json:"destroyed"`
	Signing   []string      `json:"signing"` // algorithms
	Census    *listedCensus `json:"census"`  // by which it was destroyed
}

// listedCensus is the count by which a key was destroyed. No source means that nobody counted.
type listedCensus struct {
	Taken    time.Time `json:"taken"`
	Sources  uint64    `json:"sources"`
	Messages uint64    `json:"messages"` // that were lost with the key
	Bytes    uint64    `json:"bytes"`
	Forced   bool      `json:"forced"`
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
	for i := range contents.Keys {
		keys = append(keys, listed(&contents.Keys[i]))
	}
	return keys, nil
}

func listed(k *keystore.Key) listedKey {
	l := listedKey{
		ID: k.ID, State: k.State, Compromised: k.Compromised, Created: k.Created, Suite: aead.Suite(k.Suite).String(),
		Activates: timeOrNull(k.Activates), Activated: timeOrNull(k.Activated), Retired: timeOrNull(k.Retired), Destroyed: timeOrNull(k.Destroyed),
		Signing: []string{},
	}
	for _, s := range k.Signing {
		l.Signing = append(l.Signing, s.Algorithm)
	}
	l.Census = listCensus(k.Census)
	return l
}

// listCensus returns the census of a tombstone, nil for nil.
func listCensus(n *keystore.Census) *listedCensus {
	if n == nil {
		return nil
	}
	return &listedCensus{n.Taken, n.Sources, n.Messages, n.Bytes, n.Forced}
}

func (c *cli) printKeys(keys []listedKey) error {
	w := c.table()
	fmt.Fprintln(w, "KEY\tSTATE\tCREATED\tACTIVE SINCE\tSUITE\tSIGNING")
	for _, k := range keys {
		state := c.paintState(k.State.String(), k.Compromised)
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, state, k.Created.Format(time.RFC3339), k.activeSince(), k.Suite, k.signs())
	}
	return w.Flush()
}

// activeSince is when the key became active, or is planned to.
func (k *listedKey) activeSince() string {
	switch {
	case k.Activated != nil:
		return k.Activated.Format(time.RFC3339)
	case k.Activates != nil:
		return "planned " + k.Activates.Format(time.RFC3339)
	}
	return "never"
}

func (k *listedKey) signs() string {
	if len(k.Signing) == 0 {
		return "no"
	}
	return strings.Join(k.Signing, " ")
}
