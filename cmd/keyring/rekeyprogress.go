package main

import (
	"encoding/json"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/sealwax/sealwax/keyring/rekey"
)

// rekeyProgress shows on standard error how far a rekey is: with a bar on a terminal, else with a line of JSON each second and a
// last one.
type rekeyProgress struct {
	err    io.Writer
	bar    *progressbar.ProgressBar // nil where there is no terminal
	source string
	began  time.Time
	next   time.Time // of a line
	latest rekey.Progress
}

// rekeyLine is one such line. The names are API.
type rekeyLine struct {
	Source    string   `json:"source"`
	Records   int64    `json:"records"` // looked at
	Total     *int64   `json:"total"`   // about; null if nobody knows
	Resealed  int64    `json:"resealed"`
	Current   int64    `json:"current"`
	Skipped   int64    `json:"skipped"`
	Failed    int64    `json:"failed"`
	PerSecond float64  `json:"per_second"`   // records, on the average
	Left      *float64 `json:"seconds_left"` // null if nobody knows
	Cursor    string   `json:"cursor"`
}

func (c *cli) newRekeyProgress(source string) *rekeyProgress {
	now := time.Now()
	p := &rekeyProgress{err: c.err, source: source, began: now, next: now.Add(time.Second)}
	if f, ok := c.err.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = newBar(f, source)
	}
	return p
}

// newBar returns a bar that becomes one when the total is known; until then it turns.
func newBar(w io.Writer, source string) *progressbar.ProgressBar {
	return progressbar.NewOptions64(-1, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(source),
		progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("records"),
		progressbar.OptionSetPredictTime(true), progressbar.OptionShowElapsedTimeOnFinish(),
		progressbar.OptionFullWidth(), progressbar.OptionThrottle(100*time.Millisecond))
}

// tell is what a rekey calls.
func (p *rekeyProgress) tell(now rekey.Progress) {
	p.latest = now
	if p.bar != nil {
		if total := max(now.Total, now.Records); now.Total > 0 && p.bar.GetMax64() != total {
			p.bar.ChangeMax64(total)
		}
		p.bar.Set64(now.Records) // a bar that cannot be drawn is no reason to stop
		return
	}
	if at := time.Now(); !at.Before(p.next) {
		p.next = at.Add(time.Second)
		p.line()
	}
}

// end shows where the rekey has ended.
func (p *rekeyProgress) end() {
	if p.bar == nil {
		p.line()
		return
	}
	p.bar.Exit()
	io.WriteString(p.err, "\n")
}

func (p *rekeyProgress) line() {
	c := p.latest.Counts
	l := rekeyLine{Source: p.source, Records: c.Records, Resealed: c.Resealed, Current: c.Current, Skipped: c.Skipped, Failed: c.Failed, Cursor: p.latest.Cursor}
	if took := time.Since(p.began).Seconds(); took > 0 {
		l.PerSecond = float64(c.Records) / took
	}
	if total := p.latest.Total; total > 0 {
		l.Total = &total
		if l.PerSecond > 0 {
			left := max(0, float64(total-c.Records)/l.PerSecond)
			l.Left = &left
		}
	}
	json.NewEncoder(p.err).Encode(l) // nobody can be told that nobody reads it
}
