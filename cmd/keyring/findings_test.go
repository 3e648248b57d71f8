package main

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/cmd/keyring/internal/doctor"
)

func printed(r *doctor.Report, terminal bool) string {
	var out strings.Builder
	(&cli{out: &output{w: &out, terminal: terminal}}).printExamined(r)
	return out.String()
}

// Colours change no column, and nothing is said twice in a row about one subject.
func TestPrintExamined(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	r := doctor.NewReport("keyring.hcl", "", errors.New("line 3"))
	r.Findings = append(r.Findings, r.Findings[0], doctor.Finding{Severity: doctor.OK, Subject: "aead.local", Check: "encrypt", Found: "allowed"},
		doctor.Finding{Severity: doctor.Note, Subject: "aead.local", Check: "rotation", Found: "off", Effect: "it stays", Next: "rotate it"})
	want := `SUBJECT     CHECK     RESULT   FOUND
config      file      problem  cannot be used
                      cause: line 3
                      effect: every command refuses it
                      next: mend what the cause says, then run 'keyring config check'
config      file      problem  cannot be used
aead.local  encrypt   ok       allowed
aead.local  rotation  note     off
                      effect: it stays
                      next: rotate it

0 ok, 0 notes, 0 warnings, 1 problem
first: config file: mend what the cause says, then run 'keyring config check'
`
	if got := printed(r, false); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	coloured := printed(r, true)
	if got := regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(coloured, ""); got != want || !strings.Contains(coloured, "\x1b[31mproblem\x1b[0m") {
		t.Errorf("on a terminal: got\n%q", coloured)
	}
}
