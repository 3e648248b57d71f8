package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// jsonFlag adds --json to a command that reports.
func jsonFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("json", false, "print one JSON document")
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

// red and green colour s on a terminal, and leave it alone elsewhere.
func (c *cli) red(s string) string   { return paint(c.out, "31", s) }
func (c *cli) green(s string) string { return paint(c.out, "32", s) }

func paint(w io.Writer, colour, s string) string {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || environ("NO_COLOR") != "" {
		return s
	}
	return fmt.Sprintf("\x1b[%sm%s\x1b[0m", colour, s)
}
