package source

import (
	"strings"
	"testing"
)

const message = "\x01 message"

func records(t *testing.T, s Source, after string) (all []Record, err error) {
	t.Helper()
	for r, end := range s.Records(t.Context(), after) {
		if end != nil {
			return all, end
		}
		all = append(all, r)
	}
	return all, nil
}

func mustRecords(t *testing.T, s Source) []Record {
	t.Helper()
	all, err := records(t, s, "")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestWhereIsBounded has a line with a path of a megabyte: a report that lists ten thousand of them has to have room.
func TestWhereIsBounded(t *testing.T) {
	long := strings.Repeat("p", 1<<20)
	all := mustRecords(t, JSONL(linesFile(t, goodLine(long, "x"), goodLine("\u0085"+long, "x")), "r", nil))
	for i, want := range []string{"line 1 (ns/" + long[:maxWhere-3] + "…)", `line 2 ("ns/\u0085` + long[:maxWhere-5] + `"…)`} {
		if got := all[i].Where; got != want {
			t.Errorf("got %d bytes: %.40s", len(got), got)
		}
	}
}
