package keystore_test

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	must     = regexp.MustCompile(`(?s)\*\*M(\d+)\.\*\*.*?\nVectors: (.*?)\.\n`)
	code     = regexp.MustCompile("`([^`]+)`")
	mustMark = regexp.MustCompile(`\*\*M\d+\.\*\*`)
)

// docs/format.md numbers its MUSTs in order; each names vectors that exist, and every vector is named.
func TestEveryMustHasVectors(t *testing.T) {
	text := string(readFile(t, "../docs/format.md"))
	named := map[string]bool{}
	all := must.FindAllStringSubmatch(text, -1)
	if marks := mustMark.FindAllString(text, -1); len(marks) != len(all) || len(all) == 0 {
		t.Fatalf("%d MUSTs, %d of them with vectors", len(marks), len(all))
	}
	vectors := readVectors(t)
	for i, m := range all {
		if m[1] != strconv.Itoa(i+1) {
			t.Errorf("M%s is number %d", m[1], i+1)
		}
		for _, pattern := range code.FindAllStringSubmatch(m[2], -1) {
			n := 0
			for _, v := range vectors {
				if ok, err := path.Match(pattern[1], v.Name); err != nil {
					t.Fatal(err)
				} else if ok {
					named[v.Name] = true
					n++
				}
			}
			if n == 0 {
				t.Errorf("M%s: no vector %s", m[1], pattern[1])
			}
		}
	}
	for _, v := range vectors {
		if !named[v.Name] {
			t.Errorf("docs/format.md does not name the vector %s", v.Name)
		}
	}
}

// The example in docs/format.md is a keystore that opens.
func TestExampleOfFormat(t *testing.T) {
	text := string(readFile(t, "../docs/format.md"))
	example := string(readFile(t, "../testdata/keystores/v1/format-states.jsonl"))
	if !strings.Contains(text, "```jsonl\n"+example+"```\n") {
		t.Error("docs/format.md does not have the example format-states.jsonl")
	}
}
