package doctor

import (
	"fmt"
	"time"

	"github.com/sealwax/sealwax/wrappers"
)

// The clouds refuse signed requests of a clock that is 5 minutes off.
const (
	skewed     = 30 * time.Second
	skewedMuch = 4 * time.Minute
)

// skewOf returns by how much our clock is ahead. A provider gives whole seconds.
func skewOf(i *wrappers.Inspection) (skew time.Duration, known bool) {
	if i.ServerTime.IsZero() || i.LocalTime.IsZero() {
		return 0, false
	}
	skew = i.LocalTime.Sub(i.ServerTime)
	if skew > 0 && skew < time.Second {
		skew = 0
	}
	return skew, true
}

func clock(ch *chart, i *wrappers.Inspection) {
	skew, known := skewOf(i)
	if !known {
		return
	}
	off, way := skew.Abs(), "ahead of"
	if off <= skewed {
		ch.ok("clock", "agrees with the provider's to %v", max(time.Second, off.Round(time.Second)))
		return
	}
	if skew < 0 {
		way = "behind"
	}
	f := Finding{Severity: Warning, Check: "clock", Found: fmt.Sprintf("%s %s the provider's", Span(off), way),
		Cause:  "one of the two clocks is not synchronised",
		Effect: "credentials and certificates seem to expire at another time; providers refuse requests from 5 minutes on",
		Next:   "timedatectl status"}
	if off > skewedMuch {
		f.Severity = Problem
	}
	ch.add(f)
}
