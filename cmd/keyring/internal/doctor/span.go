package doctor

import (
	"fmt"
	"time"
)

// Span is a duration as people say it, rounded down: what is left must not look longer than it is.
func Span(d time.Duration) string {
	switch {
	case d >= 2*day:
		return fmt.Sprintf("%d days", d/day)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	case d >= 2*time.Second:
		return fmt.Sprintf("%d seconds", d/time.Second)
	}
	return "1 second"
}

// round keeps what matters of a latency.
func round(d time.Duration) time.Duration {
	switch {
	case d >= time.Second:
		return d.Round(10 * time.Millisecond)
	case d >= time.Millisecond:
		return d.Round(100 * time.Microsecond)
	}
	return d.Round(time.Microsecond)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }
