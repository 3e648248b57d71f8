package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealwax/sealwax/cmd/keyring/internal/config"
	"github.com/sealwax/sealwax/cmd/keyring/internal/doctor"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
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
		Long: `doctor looks at the config, the environment, the keystore and every KEK while they are in use: names, TLS and certificates,
credentials, rights, the state of the key, a round trip, clocks, file modes, whether the stanza opens, and what if this KEK
were lost. Of what is not well it says why, what follows, and what to run.

It changes nothing and remembers nothing. Each KEK wraps 32 random bytes and opens its own stanza; one that asks a person is
left out unless this is a terminal or --ask is given. It ends after 30 s, or
after --timeout; only people are waited for longer.`,
		Example: `  keyring doctor
  keyring doctor --json | jq '.findings[] | select(.severity == "problem")'`,
		Args: cobra.NoArgs,
	}
	asJSON := jsonFlag(cmd)
	e := examinationFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := c.site(cmd.Context())
		if err != nil && *asJSON {
			c.printJSON(doctor.NewReport(c.configFile, err))
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

// examine reads the keystore and asks every KEK. It writes nothing.
func (s *site) examine(ctx context.Context, e *examination) *doctor.Report {
	o, stateErr := s.options(ctx)
	k := s.readUnseen(ctx, o)
	return doctor.Examine(ctx, &doctor.Case{
		File: s.config.File, Warnings: s.warnings, KEKs: s.patients(), Keystore: k, State: s.remembered(o, stateErr),
		Change: e.change, Ask: e.ask || s.cli.out.terminal, Timeout: s.cli.timeout,
		Verify: func(ctx context.Context, keks []*wrappers.KEK) (*keyring.Report, error) {
			return keyring.Verify(ctx, s.store, keks, o)
		},
		Now: time.Now, Resolver: net.DefaultResolver, Proxy: http.ProxyFromEnvironment, Getenv: os.Getenv,
	})
}

// readUnseen is fetch without remembering, and takes what it finds for a finding.
func (s *site) readUnseen(ctx context.Context, o *keyring.Options) doctor.Keystore {
	k := doctor.Keystore{Path: s.store.Path(), Previous: s.store.PreviousPath(), Pin: s.config.Keystore.Identity}
	contents, _, err := keystore.Fetch(ctx, s.store, expect(o))
	if err != nil {
		k.Err = s.explainLost(err, o.Seen)
	}
	if errors.Is(k.Err, keystore.ErrNotFound) && !errors.Is(k.Err, errLost) {
		k.Err = nil // none was made yet
	}
	if k.Err != nil {
		k.Next = stepAfter(k.Err)
		return k
	}
	k.Contents = contents
	return k
}

// remembered returns what the command knows of the keystore from before.
func (s *site) remembered(o *keyring.Options, err error) doctor.State {
	state := doctor.State{Seen: o.Seen, Err: err}
	if s.seen == nil {
		state.Err = s.unseen
	} else {
		state.Path = s.seen.Path()
	}
	return state
}

// patients returns the KEKs with the files that the config names for them.
func (s *site) patients() []doctor.Patient {
	patients := make([]doctor.Patient, len(s.keks))
	for i, k := range s.keks {
		patients[i] = doctor.Patient{KEK: k, Files: secretFiles(&s.config.KEKs[i])}
	}
	return patients
}

// secretFiles returns the files with something secret that a block names.
func secretFiles(c *config.KEK) (files []string) {
	settings := wrappers.NewSettings(c.ID(), c.Settings)
	for _, name := range []string{"key_file", "passphrase_file", "tls_client_key", "shared_creds_filename", "credentials"} {
		if file := settings.Path(name); file != "" {
			files = append(files, file)
		}
	}
	for _, item := range c.Settings {
		if text, ok := item.Value.(string); ok {
			if file, ok := strings.CutPrefix(text, "file://"); ok {
				files = append(files, file)
			}
		}
	}
	return files
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

// severityColours are those of the words that shall be seen.
var severityColours = map[doctor.Severity]string{doctor.OK: "32", doctor.Warning: "33", doctor.Problem: "31"}

// printExamined prints a line a check, and what to do about those that are not well.
func (c *cli) printExamined(r *doctor.Report) {
	subjects, checks := len("SUBJECT"), len("CHECK")
	for _, f := range r.Findings {
		subjects, checks = max(subjects, len(f.Subject)), max(checks, len(f.Check))
	}
	indent := strings.Repeat(" ", subjects+checks+4)
	fmt.Fprintf(c.out, "%-*s  %-*s  %-7s  FOUND\n", subjects, "SUBJECT", checks, "CHECK", "RESULT")
	var above doctor.Finding
	for _, f := range r.Findings {
		// The colour comes last: it has no width.
		result := c.out.paint(severityColours[f.Severity], fmt.Sprintf("%-7s", f.Severity))
		fmt.Fprintf(c.out, "%-*s  %-*s  %s  %s\n", subjects, f.Subject, checks, f.Check, result, f.Found)
		c.printAdvice(indent, f, above)
		above = f
	}
	n := r.Counts
	fmt.Fprintf(c.out, "\n%d ok, %s, %s, %s\n", n.OK, plural(n.Notes, "note"), plural(n.Warnings, "warning"), plural(n.Problems, "problem"))
	if r.First != "" {
		fmt.Fprintf(c.out, "first: %s\n", r.First)
	}
}

// printAdvice prints why something is as it is and what to do, but for what the finding above has just said.
func (c *cli) printAdvice(indent string, f, above doctor.Finding) {
	if f.Severity == doctor.OK {
		return
	}
	for _, line := range []struct{ name, text, said string }{
		{"cause", f.Cause, above.Cause}, {"effect", f.Effect, above.Effect}, {"next", f.Next, above.Next},
	} {
		if line.text != "" && (f.Subject != above.Subject || line.text != line.said) {
			fmt.Fprintf(c.out, "%s%s: %s\n", indent, line.name, line.text)
		}
	}
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
