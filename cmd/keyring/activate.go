package main

import (
	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/keyring"
)

func (c *cli) activateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "activate ID",
		Short: "Seal with a prepublished key from now on",
		Long: `activate makes a prepublished key the active one now, whatever date it was planned for, and retires
the one that was active. Only opening the keystore calls a KEK. It does not wait for other readers: one
that has not looked at the keystore since the key was made, which takes 30 s or so, cannot yet open what
it seals.

` + keyIDUsage,
		Example: `  keyring rotate --prepublish 24h
  keyring activate 0193d5e0-0000-7000-8000-000000000001`,
		Args: cobra.ExactArgs(1),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		report, _, err := c.stepKey(cmd.Context(), args[0], (*keyring.Ring).Activate)
		if err != nil {
			return c.fail(*asJSON, err)
		}
		return c.printStepped(report, *asJSON)
	}
	return cmd
}
