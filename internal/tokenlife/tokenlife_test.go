package tokenlife

import (
	"strings"
	"testing"
	"time"
)

func TestComplete(t *testing.T) {
	for _, c := range []struct{ in, want Terms }{
		{Terms{}, Terms{24 * time.Hour, 5 * time.Minute, time.Minute}},
		{Terms{time.Hour, time.Second, time.Millisecond}, Terms{time.Hour, time.Second, time.Millisecond}},
		{Terms{ClockSkew: -1}, Terms{24 * time.Hour, 5 * time.Minute, 0}},
	} {
		if got, err := c.in.Complete(); got != c.want || err != nil {
			t.Errorf("%+v is completed to %+v, %v; want %+v", c.in, got, err, c.want)
		}
	}
	for _, in := range []Terms{{TokenLifetime: -1}, {Lease: -1}} {
		if _, err := in.Complete(); err == nil || !strings.Contains(err.Error(), "-1ns") {
			t.Errorf("%+v is completed: %v", in, err)
		}
	}
}

func TestEnd(t *testing.T) {
	retired := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	terms := Terms{TokenLifetime: time.Hour, Lease: 5 * time.Minute, ClockSkew: time.Minute}
	if got, want := terms.End(retired), retired.Add(67*time.Minute); got != want {
		t.Errorf("the last token has expired at %v, want %v", got, want)
	}
}
