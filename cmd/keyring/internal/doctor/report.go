package doctor

import (
	"fmt"
	"time"
)

// Report is what an examination came to. The names are API.
type Report struct {
	OK       bool      `json:"ok"` // no problem; there may be warnings
	File     string    `json:"file"`
	Keystore string    `json:"keystore"`
	Counts   Counts    `json:"counts"`
	First    string    `json:"first,omitempty"` // what to do first
	KEKs     []KEK     `json:"keks"`
	Findings []Finding `json:"findings"`
}

// Counts are the findings by severity.
type Counts struct {
	OK       int `json:"ok"`
	Notes    int `json:"notes"`
	Warnings int `json:"warnings"`
	Problems int `json:"problems"`
}

// KEK is what was learned of a configured KEK, as values for monitoring. Null and "" are unknown.
type KEK struct {
	ID               string     `json:"id"`
	Provider         string     `json:"provider"`
	Active           bool       `json:"active"`
	Endpoint         string     `json:"endpoint"`
	Identity         string     `json:"identity"`
	Credentials      string     `json:"credentials"`
	CredentialsUntil *time.Time `json:"credentials_until"`
	CertificateUntil *time.Time `json:"certificate_until"`
	State            string     `json:"state"`
	Rotation         string     `json:"rotation"`
	Version          string     `json:"version"`
	RoundTripMillis  *int64     `json:"round_trip_millis"`
	ClockSkewMillis  *int64     `json:"clock_skew_millis"` // positive: our clock is ahead
	Opens            *bool      `json:"opens"`             // its stanza, just now
}

// NewReport returns the report of a config that allows no examination, since it cannot be read. The flags are those of Case.
func NewReport(file, flags string, err error) *Report {
	config := chart{subject: "config"}
	config.add(Finding{Severity: Problem, Check: "file", Found: "cannot be used", Cause: err.Error(),
		Effect: "every command refuses it", Next: "mend what the cause says, then run 'keyring config check'"})
	return newReport(file, flags, "", []KEK{}, config.findings)
}

func newReport(file, flags, keystore string, keks []KEK, findings []Finding) *Report {
	r := &Report{File: file, Keystore: keystore, KEKs: keks, Findings: findings}
	for i := range findings {
		f := &findings[i]
		f.Next = withFlags(f.Next, flags)
		switch f.Severity {
		case OK:
			r.Counts.OK++
		case Note:
			r.Counts.Notes++
		case Warning:
			r.Counts.Warnings++
		case Problem:
			r.Counts.Problems++
		}
	}
	r.OK = r.Counts.Problems == 0
	if first := r.first(); first != nil {
		r.First = fmt.Sprintf("%s %s: %s", first.Subject, first.Check, first.Next)
	}
	return r
}

// first returns the finding to act on first, nil if nothing has to be done. Within a severity findings stand in an order in
// which causes come before what follows from them.
func (r *Report) first() *Finding {
	for _, severity := range []Severity{Problem, Warning} {
		for i := range r.Findings {
			if f := &r.Findings[i]; f.Severity == severity && f.Next != "" {
				return f
			}
		}
	}
	return nil
}

// Unavailable reports whether all problems are of KEKs that may work another time, or once somebody has acted.
func (r *Report) Unavailable() bool {
	for _, f := range r.Findings {
		if f.Severity == Problem && !f.unavailable {
			return false
		}
	}
	return !r.OK
}
