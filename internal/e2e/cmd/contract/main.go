// Command contract prints which cases of the conformance suite passed against which engine, from the output of go test:
//
//	go test -json -run Conformance ./... | go run ./cmd/contract
//
// A column is a package with its TestConformance…, or a subtest of one that has several engines. A case that was skipped has a
// number, which stands with its reason below the table. It fails if a case failed.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "contract:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	t, err := read(in)
	if err != nil {
		return err
	}
	if len(t.engines) == 0 {
		return errors.New("no conformance test in the input")
	}
	t.print(out)
	if t.failed > 0 {
		return fmt.Errorf("%d cases failed", t.failed)
	}
	return nil
}

// event is a line of go test -json.
type event struct {
	Action, Package, Test, Output string
}

// table is what became of each case with each engine.
type table struct {
	engines, cases []string
	cells          map[[2]string]string // by engine and case: "ok", "FAILED", or why it was skipped
	failed         int
	said           map[string]string // the last line that a test printed
	groups         map[string]bool   // the tests that are an engine and not a case
}

// conformance finds the name of a test of the suite, its engine if it has several, and its case.
var conformance = regexp.MustCompile(`^TestConformance([^/]*)(?:/([^/]+))?/([^/]+)$`)

func read(in io.Reader) (*table, error) {
	t := &table{cells: map[[2]string]string{}, said: map[string]string{}, groups: map[string]bool{}}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("not a line of go test -json: %w", err)
		}
		t.take(&e)
	}
	return t, lines.Err()
}

func (t *table) take(e *event) {
	parts := conformance.FindStringSubmatch(e.Test)
	if parts == nil {
		return
	}
	engine := strings.Trim(path.Base(e.Package)+" "+parts[1]+parts[2], " ")
	name := strings.ReplaceAll(parts[3], "_", " ")
	if parts[2] == "nothing_left_running" { // the one case that has subtests
		return
	}
	if parts[2] != "" {
		t.groups[e.Package+path.Dir(e.Test)] = true
	}
	if t.groups[e.Package+e.Test] {
		return
	}
	cell := [2]string{engine, name}
	switch e.Action {
	case "output":
		if _, reason, ok := strings.Cut(strings.TrimSpace(e.Output), ".go:"); ok {
			_, t.said[e.Package+e.Test], _ = strings.Cut(reason, ": ")
		}
		return
	case "pass":
		t.cells[cell] = "ok"
	case "fail":
		t.cells[cell] = "FAILED"
		t.failed++
	case "skip":
		t.cells[cell] = t.said[e.Package+e.Test]
	default:
		return
	}
	t.engines, t.cases = add(t.engines, engine), add(t.cases, name)
}

func add(list []string, item string) []string {
	if slices.Contains(list, item) {
		return list
	}
	return append(list, item)
}

func (t *table) print(out io.Writer) {
	slices.Sort(t.engines)
	fmt.Fprintf(out, "| case | %s |\n|---|%s\n", strings.Join(t.engines, " | "), strings.Repeat("---|", len(t.engines)))
	var reasons []string
	passed := make(map[string]int)
	for _, name := range t.cases {
		row := []string{name}
		for _, engine := range t.engines {
			cell := t.cells[[2]string{engine, name}]
			switch cell {
			case "ok":
				passed[engine]++
			case "":
				cell = "not run"
			case "FAILED":
			default:
				reasons = add(reasons, cell)
				cell = fmt.Sprintf("(%d)", slices.Index(reasons, cell)+1)
			}
			row = append(row, cell)
		}
		fmt.Fprintf(out, "| %s |\n", strings.Join(row, " | "))
	}
	total := []string{"passed"}
	for _, engine := range t.engines {
		total = append(total, fmt.Sprintf("%d of %d", passed[engine], len(t.cases)))
	}
	fmt.Fprintf(out, "| %s |\n\n", strings.Join(total, " | "))
	for i, reason := range reasons {
		fmt.Fprintf(out, "(%d) skipped: %s\n", i+1, reason)
	}
}
