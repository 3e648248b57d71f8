package doctor

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sealwax/sealwax/wrappers"
)

// Severity says how much a finding matters. The words are API.
type Severity string

const (
	OK      Severity = "ok"      // looked at, and as it should be
	Note    Severity = "note"    // good to know; nothing has to be done
	Warning Severity = "warning" // works today, and may not one day
	Problem Severity = "problem" // does not work, or is wrong
)

// Finding is what one check of one subject came to. The names are API, those of subjects and checks included.
type Finding struct {
	Severity Severity `json:"severity"`
	Subject  string   `json:"subject"` // the ID of a KEK, or "config", "environment", "state", "sources", "keystore", "change"
	Check    string   `json:"check"`
	Found    string   `json:"found"`
	Cause    string   `json:"cause,omitempty"`
	Effect   string   `json:"effect,omitempty"`
	Next     string   `json:"next,omitempty"` // a command to run, or what to do

	unavailable bool // of a problem: a KEK does not answer or is not allowed to, which says nothing against the keystore
}

// chart collects the findings about one subject.
type chart struct {
	subject  string
	findings []Finding
}

// add returns the finding in its place, valid until the next one is added.
func (c *chart) add(f Finding) *Finding {
	f.Subject = c.subject
	c.findings = append(c.findings, f)
	return &c.findings[len(c.findings)-1]
}

func (c *chart) ok(check, format string, args ...any) {
	c.add(Finding{Severity: OK, Check: check, Found: fmt.Sprintf(format, args...)})
}

// fail adds a problem whose cause is an error. What it says to do next stands apart from its cause.
func (c *chart) fail(check, found, effect string, err error) *Finding {
	f := Finding{Severity: Problem, Check: check, Found: found, Effect: effect}
	f.Cause, f.Next = causeAndNext(err)
	f.unavailable = unavailable(err)
	return c.add(f)
}

// unavailable reports whether what failed may work another time, or once somebody has acted.
func unavailable(err error) bool {
	return wrappers.HasClass(err, wrappers.Later) || wrappers.HasClass(err, wrappers.Ask)
}

// nextMarks are what our errors have before the command that mends them.
var nextMarks = []string{"\n  next: ", "; run: "}

// causeAndNext takes an error apart. Which KEK it is about, the subject says.
func causeAndNext(err error) (cause, next string) {
	cause = err.Error()
	e, ofKEK := errors.AsType[*wrappers.Error](err)
	if ofKEK {
		cause, next = e.Err.Error(), e.Hint
	}
	for _, mark := range nextMarks {
		if text, command, found := strings.Cut(cause, mark); found {
			return text, command
		}
	}
	switch {
	case next != "":
		return cause, next
	case ofKEK:
		return cause, nextFor(wrappers.ClassOf(err))
	}
	return cause, mendIt // a file of this machine, which no class is known of
}

const mendIt = "mend what the cause says, then run 'keyring doctor' again"

func nextFor(class wrappers.Class) string {
	switch class {
	case wrappers.Later:
		return "run 'keyring doctor' again, and look at the provider if it stays like this"
	case wrappers.Never:
		return "compare the config with the keystore: 'keyring status' shows which key made the stanza"
	}
	return mendIt
}

// opOf returns what a KEK was doing when it failed.
func opOf(err error) string {
	if e, ok := errors.AsType[*wrappers.Error](err); ok {
		return e.Op
	}
	return ""
}
