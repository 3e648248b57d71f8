// Package quote puts what others said into errors of ours: providers, and proxies that answer in their place with a page.
package quote

import "strings"

// longest is how much of a text is shown, in bytes.
const longest = 300

// Line returns text on one line, at most 300 bytes of it and a mark where it was cut.
func Line(text string) string {
	line := strings.Join(strings.Fields(text), " ")
	if len(line) > longest {
		line = strings.ToValidUTF8(line[:longest], "") + "…"
	}
	return line
}
