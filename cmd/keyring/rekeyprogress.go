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

// rekeyProgress shows on standard error how far a rekey is: with a bar on a terminal, else with a line of JSON each
// second and a last one.
type rekeyProgress struct {
	err      io.Writer
	terminal bool
	bar      *progressbar.ProgressBar // on a terminal, once something was told
	source   string
	began    time.Time
	next     time.Time // of a line
	latest   rekey.Progress
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
	if f, ok := c.err.(*os.File); ok {
		p.terminal = term.IsTerminal(int(f.Fd()))
	}
	return p
}

// tell is what a rekey calls.
func (p *rekeyProgress) tell(now rekey.Progress) {
	p.latest = now
	if p.terminal {
		p.draw()
		return
	}
	if at := time.Now(); !at.Before(p.next) {
		p.next = at.Add(time.Second)
		p.line()
	}
}

// draw draws a bar, or, as long as the total is not known, something that turns. What cannot be drawn is no reason to stop.
func (p *rekeyProgress) draw() {
	total := int64(-1)
	if p.latest.Total > 0 {
		total = max(p.latest.Total, p.latest.Records+1) // it is about so many, and a bar that was full once is done
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(p.err), progressbar.OptionSetDescription(p.source),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("records"),
			progressbar.OptionSetPredictTime(true), progressbar.OptionSetWidth(20),
			progressbar.OptionSetSpinnerChangeInterval(0)) // it turns as it is told; its own goroutine would not end
	}
	if total > p.bar.GetMax64() {
		p.bar.ChangeMax64(total)
	}
	p.bar.Set64(p.latest.Records)
}

// end shows where the rekey has ended.
func (p *rekeyProgress) end() {
	switch {
	case !p.terminal:
		p.line()
	case p.bar != nil:
		if p.latest.Total > 0 && p.latest.Records >= p.latest.Total {
			p.bar.ChangeMax64(p.latest.Records)
			p.bar.Finish()
		}
		p.bar.Exit()
		io.WriteString(p.err, "\n")
	}
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
