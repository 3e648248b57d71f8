package quote

import (
	"strings"
	"testing"
)

func TestLine(t *testing.T) {
	full := strings.Repeat("x", longest)
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{" one\n\ttwo  three\r\n", "one two three"},
		{full, full},
		{full + "x", full + "…"},
		{full[1:] + "é", full[1:] + "…"}, // which has a byte on either side of the cut
	} {
		if got := Line(c.text); got != c.want {
			t.Errorf("Line(%.40q): got %q, want %q", c.text, got, c.want)
		}
	}
}
