package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/sealwax/sealwax/keystore"
)

// jsonFlag adds --json to a command that reports.
func jsonFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("json", false, "print one JSON document")
}

// output is standard output. It remembers the first error, so that a command which wrote to a full disk does not look
// done.
type output struct {
	w        io.Writer
	terminal bool
	err      error
}

func newOutput(f *os.File) *output {
	return &output{w: f, terminal: term.IsTerminal(int(f.Fd()))}
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if err != nil && o.err == nil {
		o.err = err
	}
	return n, err
}

func (o *output) failed() error {
	if o.err == nil {
		return nil
	}
	return fmt.Errorf("write standard output: %w", o.err)
}

// printJSON prints v on one line.
func (c *cli) printJSON(v any) error {
	return json.NewEncoder(c.out).Encode(v)
}

// table returns a writer that aligns columns separated by tabs. The caller flushes it.
func (c *cli) table() *tabwriter.Writer {
	return tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
}

// failure is what --json prints when there is nothing else to report.
type failure struct {
	Error string `json:"error"`
}

// fail reports an error of a command that reports: as JSON too, if that was asked for.
func (c *cli) fail(asJSON bool, err error) error {
	if asJSON {
		c.printJSON(failure{err.Error()})
	}
	return err
}

// yesNo is how tables say a boolean.
func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// text returns the message of an error, nil for none, for JSON.
func text(err error) *string {
	if err == nil {
		return nil
	}
	s := err.Error()
	return &s
}

// orNull returns an ID for JSON: null for none.
func orNull(id keystore.ID) *keystore.ID {
	if id.IsZero() {
		return nil
	}
	return &id
}

// timeOrNull returns a time for JSON: null for one that has not come.
func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// red and green colour s on a terminal, and leave it alone elsewhere.
func (c *cli) red(s string) string   { return c.out.paint("31", s) }
func (c *cli) green(s string) string { return c.out.paint("32", s) }

func (o *output) paint(colour, s string) string {
	if !o.terminal || os.Getenv("NO_COLOR") != "" {
		return s
	}
	return fmt.Sprintf("\x1b[%sm%s\x1b[0m", colour, s)
}
