package jws

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestParseObject(t *testing.T) {
	for _, c := range []struct {
		name string
		in   string
		text string // of the error, "" for none
	}{
		{"empty", `{}`, ""},
		{"members of all kinds", ` {"a":1,"b":[{"a":2},{"a":3}],"c":{"a":null},"d":"x","e":1e999} `, ""},
		{"names that differ in case", `{"exp":1,"EXP":2}`, ""},
		{"twice", `{"a":1,"a":1}`, `"a" is there twice`},
		{"twice, spelled in two ways", `{"a":1,"\u0061":1}`, `"a" is there twice`},
		{"twice further down", `{"x":[0,{"y":{"a":1,"b":2,"a":3}}]}`, `"a" is there twice`},
		{"no JSON", `hello`, "not a JSON object"},
		{"nothing", ``, "not a JSON object"},
		{"an array", `[]`, "not a JSON object"},
		{"null", `null`, "not a JSON object"},
		{"something behind it", `{} {}`, "nothing else"},
		{"cut in a name", `{"a`, "not JSON"},
		{"cut in a value", `{"a":`, "not JSON"},
		{"cut at the end", `{"a":1`, "not JSON"},
		{"a comma too many", `{"a":1,}`, "not JSON"},
		{"a value that is none", `{"a":tru}`, "not JSON"},
		{"closed by the other bracket", `{"a":[1}`, "not JSON"},
		{"not UTF-8", "{\"a\":\"\xff\"}", "not UTF-8"},
		{"as deep as can be", nested(maxDepth), ""},
		{"deeper", nested(maxDepth + 1), "more than 32"},
	} {
		t.Run(c.name, func(t *testing.T) {
			members, err := ParseObject([]byte(c.in))
			if c.text == "" && (err != nil || members == nil) {
				t.Errorf("refused: %v", err)
			}
			if c.text != "" && (err == nil || !strings.Contains(err.Error(), c.text)) {
				t.Errorf("error %v, want one that says %q", err, c.text)
			}
		})
	}
}

func nested(depth int) string {
	return strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth)
}

// FuzzParseObject holds that what is parsed is what encoding/json reads, and that nothing is lost when it is written again.
func FuzzParseObject(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":1,"b":[{"a":2}]}`, `{"a":1,"a":2}`, `{"a":"\ud800"}`, nested(33)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		members, err := ParseObject(b)
		if err != nil {
			return
		}
		var plain map[string]any
		if err := json.Unmarshal(b, &plain); err != nil || len(plain) != len(members) {
			t.Fatalf("%d members, and encoding/json has %d, %v", len(members), len(plain), err)
		}
		again, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseObject(again); err != nil {
			t.Fatalf("written again it is refused: %v", err)
		}
	})
}
