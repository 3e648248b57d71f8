package keyring

import (
	"os"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/keystore"
)

// TestTheFormatHasTheLifeOfAKey: the table of docs/format.md and life say the same.
func TestTheFormatHasTheLifeOfAKey(t *testing.T) {
	text, err := os.ReadFile("../docs/format.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "### The life of a key\n")
	section, _, ended := strings.Cut(section, "\n## ")
	if !found || !ended {
		t.Fatal("docs/format.md has no life of a key")
	}
	var table [][]string
	for line := range strings.Lines(section) {
		if strings.HasPrefix(line, "|") {
			table = append(table, columnsOf(line))
		}
	}
	states := map[string]keystore.State{}
	for _, s := range statesOfLife {
		states[s.String()] = s
	}
	if len(table) != len(statesOfLife)+2 || len(table[0]) != len(stepsOfLife)+1 {
		t.Fatalf("the table has %d lines and %d columns", len(table), len(table[0]))
	}
	for i, s := range stepsOfLife {
		if word := table[0][i+1]; !strings.HasPrefix(string(s), word) {
			t.Errorf("column %d is %q, want %q", i+1, word, s)
		}
		for j, from := range statesOfLife {
			row := table[j+2]
			if row[0] != from.String() || states[row[i+1]] != life[from][s] {
				t.Errorf("%s of a key that is %s: the document has %q for one that is %q, want %q", s, from, row[i+1], row[0], life[from][s])
			}
		}
	}
}

// columnsOf returns what stands between the bars of a line.
func columnsOf(line string) []string {
	columns := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
	for i := range columns {
		columns[i] = strings.TrimSpace(columns[i])
	}
	return columns
}
