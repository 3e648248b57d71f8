package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// timeoutError is why a command ended that took longer than --timeout.
type timeoutError struct{ after time.Duration }

func (t timeoutError) Error() string { return fmt.Sprintf("--timeout %v has passed", t.after) }

// Unwrap makes it what everybody expects of a context that ended so.
func (t timeoutError) Unwrap() error { return context.DeadlineExceeded }

// beginLimit gives the command the time that --timeout allows it.
func (c *cli) beginLimit(cmd *cobra.Command) {
	if c.timeout == 0 {
		return
	}
	c.limit, c.cancel = context.WithTimeoutCause(cmd.Context(), c.timeout, timeoutError{c.timeout})
	cmd.SetContext(c.limit)
}

// endLimit says of the error of a command that --timeout ended what ended it, unless the error does.
func (c *cli) endLimit(err error) error {
	if c.limit == nil {
		return err
	}
	defer c.cancel()
	cause := context.Cause(c.limit)
	if _, timedOut := cause.(timeoutError); !timedOut || err == nil || strings.Contains(err.Error(), cause.Error()) {
		return err
	}
	return fmt.Errorf("%w: %w", cause, err)
}
