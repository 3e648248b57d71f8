package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

// checkedConfig is what keyring config check reports. The names are API.
type checkedConfig struct {
	OK       bool     `json:"ok"`
	File     string   `json:"file"`
	KEKs     []string `json:"keks"`
	Errors   []string `json:"errors"`
	Warnings []string `json:"warnings"`
}

func (c *cli) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "config",
		Short:   "Look at the config",
		Example: `  keyring config check`,
	}
	cmd.AddCommand(c.configCheckCommand())
	return cmd
}

func (c *cli) configCheckCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the config and the files that it names; calls no KEK",
		Long: `check reads the config, looks at the key files and secrets that it names, and tells what the environment says differently. It
calls no provider.`,
		Example: `  keyring config check
  keyring config check --nomad-config /etc/nomad.d/server.hcl --json`,
		Args: cobra.NoArgs,
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		report, err := c.checkConfig(cmd.Context())
		if *asJSON {
			c.printJSON(report)
			return err
		}
		for _, w := range report.Warnings {
			fmt.Fprintf(c.out, "%s %s\n", c.red("warning:"), w)
		}
		if err == nil {
			fmt.Fprintf(c.out, "%s: %s, %d KEKs\n", report.File, c.green("ok"), len(report.KEKs))
		}
		return err
	}
	return cmd
}

func (c *cli) checkConfig(ctx context.Context) (*checkedConfig, error) {
	report := &checkedConfig{KEKs: []string{}, Errors: []string{}, Warnings: []string{}}
	s, err := c.site(ctx)
	if err != nil {
		report.Errors = append(report.Errors, err.Error())
		return report, err
	}
	defer s.close()
	report.File = s.config.File
	report.Warnings = append(report.Warnings, s.warnings...)
	if s.config.Keystore.Identity == nil {
		report.Warnings = append(report.Warnings, "no identity is pinned; 'keyring status' prints the one to put into the keystore block")
	}
	if !s.canOpen() {
		report.Warnings = append(report.Warnings, "no active KEK can unwrap: nothing can be made or rotated with this config")
	}
	var errs []error
	for _, k := range s.keks {
		report.KEKs = append(report.KEKs, k.ID())
		if err := k.Check(ctx); err != nil {
			errs = append(errs, err)
			report.Errors = append(report.Errors, err.Error())
		}
	}
	if len(errs) > 0 {
		return report, usageError{errors.Join(errs...)}
	}
	report.OK = true
	return report, nil
}

// canOpen reports whether a keystore could be opened by one of the active KEKs.
func (s *site) canOpen() bool {
	for _, k := range s.keks {
		if k.Active() && !k.WrapOnly() {
			return true
		}
	}
	return false
}
