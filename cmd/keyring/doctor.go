package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/cmd/keyring/internal/doctor"
)

var (
	// errDoctor is the error of an examination that found something wrong.
	errDoctor = errors.New("doctor found something wrong")
	// errUnavailable is the error of an examination of which all problems are KEKs that do not work now.
	errUnavailable = errors.New("doctor found a KEK unavailable")
)

// examination is one run of keyring doctor.
type examination struct {
	ask    bool
	change bool // the config is not in use yet
}

func (c *cli) doctorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Examine the keystore and every KEK, live; changes nothing",
		Long: `doctor looks at the config, the environment, the keystore and every KEK while they are in use:
names, TLS and certificates, credentials, rights, the state of the key, a round trip, clocks, file
modes, whether the stanza opens, and what if this KEK were lost. Of what is not well it says why,
what follows, and what to run.

It changes nothing and remembers nothing. Each KEK wraps 32 random bytes and opens its own stanza;
one that asks a person is left out unless this is a terminal or --ask is given. It ends after 30 s,
or after --timeout; only people are waited for longer.`,
		Example: `  keyring doctor
  keyring doctor --json | jq '.findings[] | select(.severity == "problem")'`,
		Args: cobra.NoArgs,
	}
	asJSON := jsonFlag(cmd)
	e := examinationFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := c.site(cmd.Context())
		if err != nil && *asJSON {
			c.printJSON(doctor.NewReport(c.configName(), c.configFlags(), err))
		}
		if err != nil {
			return err
		}
		defer s.close()
		report := s.examine(cmd.Context(), e)
		if *asJSON {
			c.printJSON(report)
		} else {
			c.printExamined(report)
		}
		return diagnosis(report)
	}
	return cmd
}

// examinationFlags adds what an examination can be told.
func examinationFlags(cmd *cobra.Command) *examination {
	e := &examination{}
	cmd.Flags().BoolVar(&e.ask, "ask", false, "also use KEKs that ask a person, where this is no terminal")
	return e
}

// diagnosis returns the error that the command ends with.
func diagnosis(r *doctor.Report) error {
	switch {
	case r.OK:
		return nil
	case r.Unavailable():
		return fmt.Errorf("%w: %s", errUnavailable, r.First)
	}
	return fmt.Errorf("%w: %s", errDoctor, r.First)
}
