package main

import (
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestEveryCommandShowsAnExample walks all commands, completion's own excepted: those explain themselves at length.
func TestEveryCommandShowsAnExample(t *testing.T) {
	c := &cli{in: strings.NewReader(""), out: &output{w: io.Discard}, err: io.Discard}
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if !strings.Contains(cmd.Example, cmd.CommandPath()) {
			t.Errorf("%s: its help shows no example of itself: %q", cmd.CommandPath(), cmd.Example)
		}
		if cmd.Short == "" {
			t.Errorf("%s has no short text", cmd.CommandPath())
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(c.command())
}
