package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/cmd/keyring/internal/doctor"
	"github.com/sealwax/sealwax/internal/plural"
)

// checkedConfig is what keyring config check reports. The names are API.
type checkedConfig struct {
	OK       bool     `json:"ok"`
	File     string   `json:"file"`
	KEKs     []string `json:"keks"`
	Errors   []string `json:"errors"`
	Warnings []string `json:"warnings"`

	Live *doctor.Report `json:"live,omitempty"` // with --live, if the config itself is right

	checkedBlocks
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
		Short: "Check the config and the files that it names; calls no KEK without --live",
		Long: `check reads the config, looks at the key files and secrets that it names, and tells what the
environment says differently. It calls no provider.

With --live it also examines the config as doctor does, before it is put in the place of the one in
use: that its KEKs open the keystore that is there, that they can wrap it anew, and that
'keyring rewrap' would leave a way in. It changes nothing: a config that is refused leaves
everything as it is.`,
		Example: `  keyring config check
  keyring config check --nomad-config /etc/nomad.d/server.hcl --json
  keyring --config next.hcl config check --live && mv next.hcl keyring.hcl`,
		Args: cobra.NoArgs,
	}
	asJSON := jsonFlag(cmd)
	live := cmd.Flags().Bool("live", false, "also examine the keystore and every KEK, live")
	e := examinationFlags(cmd)
	e.change = true
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if e.ask && !*live {
			return usageError{errors.New("--ask goes with --live: without that no KEK is asked")}
		}
		if !*live {
			e = nil
		}
		report, err := c.checkConfig(cmd.Context(), e)
		if *asJSON {
			c.printJSON(report)
			return err
		}
		c.printChecked(report, err)
		return err
	}
	return cmd
}

func (c *cli) printChecked(report *checkedConfig, err error) {
	if report.Live != nil {
		c.printExamined(report.Live)
	} else {
		for _, w := range report.Warnings {
			fmt.Fprintf(c.out, "%s %s\n", c.red("warning:"), w)
		}
	}
	switch {
	case err == nil:
		fmt.Fprintf(c.out, "%s: %s, %s\n", report.File, c.green("ok"), plural.Of(len(report.KEKs), "KEK"))
		c.printBlocks(&report.checkedBlocks)
	case report.Live != nil:
		fmt.Fprintf(c.out, "%s: %s, nothing was changed\n", report.File, c.red("refused"))
	}
}

// checkConfig checks the config, and examines it if that finds nothing wrong and live says how.
func (c *cli) checkConfig(ctx context.Context, live *examination) (*checkedConfig, error) {
	s, err := c.site(ctx)
	if err != nil {
		return &checkedConfig{File: c.configName(), KEKs: []string{}, Errors: strings.Split(err.Error(), "\n"), Warnings: []string{}}, err
	}
	defer s.close()
	report, err := s.check(ctx)
	if err != nil || live == nil {
		return report, err
	}
	report.Live = s.examine(ctx, live)
	report.OK = report.Live.OK
	for _, f := range report.Live.Findings {
		if f.Severity == doctor.Problem {
			report.Errors = append(report.Errors, fmt.Sprintf("%s: %s: %s: %s", f.Subject, f.Check, f.Found, f.Next))
		}
	}
	return report, diagnosis(report.Live)
}

// check looks at what the config says and at what it names on this machine.
func (s *site) check(ctx context.Context) (*checkedConfig, error) {
	report := &checkedConfig{
		File: s.config.File, KEKs: []string{}, Errors: []string{}, Warnings: append([]string{}, s.warnings...),
		checkedBlocks: checkBlocks(s.config),
	}
	if s.config.Keystore.Identity == nil {
		report.Warnings = append(report.Warnings, "no identity is pinned: 'keyring init' pins that of the keystore it makes, and 'keyring status' prints that of one that is there")
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

// canOpen reports whether a keystore could be opened by active KEKs: one alone, or as many of a group as it needs.
func (s *site) canOpen() bool {
	thresholds := s.groups()
	thresholds[""] = 1
	able := make(map[string]int)
	for _, k := range s.keks {
		if k.Active() && !k.WrapOnly() {
			able[k.Group()]++
		}
	}
	for group, threshold := range thresholds {
		if able[group] >= threshold {
			return true
		}
	}
	return false
}
