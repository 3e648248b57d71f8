package main

import (
	"fmt"
	"strings"

	"github.com/sealwax/sealwax/cmd/keyring/internal/doctor"
	"github.com/sealwax/sealwax/internal/plural"
)

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
		result := fmt.Sprintf("%-7s", f.Severity)
		if colour, ok := severityColours[f.Severity]; ok {
			result = c.out.paint(colour, result) // after the spaces, since a colour has no width
		}
		fmt.Fprintf(c.out, "%-*s  %-*s  %s  %s\n", subjects, f.Subject, checks, f.Check, result, f.Found)
		c.printAdvice(indent, f, above)
		above = f
	}
	n := r.Counts
	fmt.Fprintf(c.out, "\n%d ok, %s, %s, %s\n", n.OK, plural.Of(n.Notes, "note"), plural.Of(n.Warnings, "warning"), plural.Of(n.Problems, "problem"))
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
