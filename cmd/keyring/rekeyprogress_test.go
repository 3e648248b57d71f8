package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keyring/rekey"
)

// steps tells p of a rekey of total records that does ten in each tenth of a second.
func steps(p *rekeyProgress, records int, total int64) {
	for n := 10; n <= records; n += 10 {
		time.Sleep(100 * time.Millisecond)
		p.tell(rekey.Progress{Counts: rekey.Counts{Records: int64(n), Resealed: int64(n)}, Total: total, Cursor: "c"})
	}
}

func TestRekeyLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := (&cli{err: &out}).newRekeyProgress("dir:live")
		steps(p, 350, 400)
		p.end()
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 4 {
			t.Fatalf("%d lines in 3.5 s, want one each second and a last one:\n%s", len(lines), &out)
		}
		var got rekeyLine
		if err := json.Unmarshal([]byte(lines[1]), &got); err != nil {
			t.Fatal(err)
		}
		if got.Source != "dir:live" || got.Records != 200 || *got.Total != 400 || got.PerSecond != 100 || *got.Left != 2 || got.Cursor != "c" {
			t.Errorf("second line is %s", lines[1])
		}
	})
}

func TestRekeyLineWithoutATotal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := (&cli{err: &out}).newRekeyProgress("x")
		steps(p, 50, 0)
		p.end()
		if !strings.Contains(out.String(), `"records":50,"total":null,`) || !strings.Contains(out.String(), `"seconds_left":null`) {
			t.Errorf("line is %s", &out)
		}
	})
}

// TestRekeyBarGoesByTheBeginning: a bar that took its first look for the beginning would show a thousand times the rate.
func TestRekeyBarGoesByTheBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := (&cli{err: &out}).newRekeyProgress("dir:live")
		p.terminal = true
		p.tell(rekey.Progress{Total: 400})
		steps(p, 200, 400)
		p.end()
		rates := regexp.MustCompile(`, ([0-9]+) records/s`).FindAllStringSubmatch(out.String(), -1)
		if len(rates) < 20 {
			t.Errorf("%d rates in %q", len(rates), &out)
		}
		for _, rate := range rates {
			if rate[1] != "100" {
				t.Errorf("a hundred a second, and it shows %s", rate[1])
			}
		}
	})
}

func TestRekeyBar(t *testing.T) {
	for _, c := range []struct {
		total int64
		want  string
	}{
		{400, `dir:live +50% .*\(200/400, [0-9]+ records/s\) \[[0-9]+s:[0-9]+s\]`}, // the second time is what remains
		{100, `\(200/200, `}, // there were more than was thought
		{0, `dir:live \(200/-, [0-9]+ records/s\)`},
	} {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			p := (&cli{err: &out}).newRekeyProgress("dir:live")
			p.terminal = true
			steps(p, 200, c.total)
			p.end()
			if !regexp.MustCompile(c.want).MatchString(out.String()) || !strings.HasSuffix(out.String(), "\n") {
				t.Errorf("of %d the bar is %q, want %s", c.total, out.String()[max(0, out.Len()-300):], c.want)
			}
		})
	}
}
