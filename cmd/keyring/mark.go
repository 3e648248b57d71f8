package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// marked is what keyring mark reports. The names are API.
type marked struct {
	stepped
	Compromised bool         `json:"compromised"`
	Successor   *keystore.ID `json:"successor"` // of a key that was active
}

func (c *cli) markCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "mark ID --compromised",
		Short: "Mark a key as one that somebody else may have",
		Long: `mark --compromised notes that somebody else may have the key. It seals and signs nothing more, and
its verification keys leave the JWKS. If it is the active one, another takes its place in the same
write; a prepublished one will never be active. The mark stays. What the key sealed still opens, until
'keyring rekey' has moved it to the active key: run that next.

Who has one key may have the root, which seals all of them: then run 'keyring rotate --new-root'
before the rekey.

` + keyIDUsage,
		Example: `  keyring mark 0193d5e0-0000-7000-8000-000000000001 --compromised`,
		Args:    cobra.ExactArgs(1),
	}
	asJSON := jsonFlag(cmd)
	compromised := cmd.Flags().Bool("compromised", false, "somebody else may have the key (required)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !*compromised {
			return c.fail(*asJSON, usageError{errors.New("say what to mark it as: --compromised")})
		}
		step, before, err := c.stepKey(cmd.Context(), args[0], (*keyring.Ring).MarkCompromised)
		if err != nil {
			return c.fail(*asJSON, err)
		}
		report := &marked{stepped: *step, Compromised: true}
		if before != nil && *before == report.ID {
			report.Successor = report.Active
		}
		if *asJSON {
			return c.printJSON(report)
		}
		c.printMarked(report)
		return nil
	}
	return cmd
}

func (c *cli) printMarked(r *marked) {
	fmt.Fprintf(c.out, "key %s is %s and marked compromised, generation %d\n", r.ID, r.State, r.Generation)
	if r.Successor != nil {
		fmt.Fprintf(c.out, "active key %s\n", r.Successor)
	}
	if r.State == keystore.Destroyed {
		return // nothing opens what it sealed
	}
	fmt.Fprintln(c.out, "next: keyring rekey, which moves what it sealed to the active key")
	fmt.Fprintln(c.out, "if the root may be out too, before that: keyring rotate --new-root")
}
