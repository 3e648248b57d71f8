package main

import (
	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/keyring"
)

func (c *cli) withdrawCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "withdraw ID",
		Short: "Retire a prepublished key that shall never seal",
		Long: `withdraw retires a prepublished key that shall never become active. It does not come back; make
another one with 'keyring rotate'. Only opening the keystore calls a KEK.

` + keyIDUsage,
		Example: `  keyring withdraw 0193d5e0-0000-7000-8000-000000000001`,
		Args:    cobra.ExactArgs(1),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		report, _, err := c.stepKey(cmd.Context(), args[0], (*keyring.Ring).Withdraw)
		if err != nil {
			return c.fail(*asJSON, err)
		}
		return c.printStepped(report, *asJSON)
	}
	return cmd
}
