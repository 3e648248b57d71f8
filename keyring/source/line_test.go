package source

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// lines are what a line may be, and what becomes of it.
var lineCases = []struct {
	line string
	err  string // "" if it has the message "\x01" for ns and p
}{
	{`{"namespace":"ns","path":"p","sealed":"AQ=="}`, ""},
	{` { "sealed" : "AQ==" , "path" : "p" , "namespace" : "ns" } ` + "\r\n", ""},
	{`{"a":{"sealed":"x"},"b":[{"path":"x"},1.5e-3,true,null],"namespace":"ns","path":"p","sealed":"AQ=="}`, ""},
	{`{"n\u0061mespace":"\u006es","path":"p","\u0073ealed":"A\u0051=="}`, ""},
	{`{"Sealed":"x","SEALED":1,"namespace":"ns","path":"p","sealed":"AQ=="}`, ""},
	{`{"x":1,"x":2,"namespace":"ns","path":"p","sealed":"AQ=="}`, ""}, // not ours to judge
	{`{"namespace":"ns","path":"p","sealed":"AQ==","sealed":"AQ=="}`, `the line has a second "sealed"`},
	{`{"namespace":"ns","path":"p","sealed":"AQ==","\u0073ealed":"AQ=="}`, `the line has a second "sealed"`},
	{`{"namespace":"ns","path":"p","path":"q","sealed":"AQ=="}`, `the line has a second "path"`},
	{`{"namespace":"ns","path":["p"],"sealed":"AQ=="}`, `the line's "path" is not a string`},
	{`{"namespace":"ns","path":"p","sealed":null}`, `the line's "sealed" is not a string`},
	{`{"namespace":"ns","path":"p"}`, `not a sealed message: the line has no "sealed"`},
	{`{}`, `not a sealed message: the line has no "sealed"`},
	{`{"path":"p","sealed":"AQ=="}`, `the line has no "namespace" or no "path"`},
	{`{"namespace":"ns","path":"","sealed":"AQ=="}`, `or an empty one`},
	{`{"namespace":"ns","path":"p","sealed":"AR=="}`, "not a sealed message: neither"}, // bits that say nothing are set
	{`{"namespace":"ns","path":"p","sealed":"AQ"}`, "not a sealed message: neither"},
	{`{"namespace":"ns","path":"p","sealed":"A\nQ=="}`, "not a sealed message: neither"},
	{`{"namespace":"ns","path":"p","sealed":"AQ=="`, "not a line of JSON: byte 45: want a comma or }"},
	{`{"namespace":"ns","path":"p","sealed":"AQ=="}}`, "want the end of the line"},
	{`{"namespace":"ns","path":"p","sealed":"AQ=="} {}`, "want the end of the line"},
	{`{"namespace":"ns","path":"p","sealed":"AQ==",}`, "want a string"},
	{`{"namespace":"ns" "path":"p","sealed":"AQ=="}`, "want a comma or }"},
	{`{"namespace" "ns","path":"p","sealed":"AQ=="}`, "want a colon"},
	{`{"namespace":"ns","path":"p","sealed":"AQ==`, "want the end of the string"},
	{`{"namespace":"ns","path":"p\`, "want an escape"},
	{`{"namespace":"ns","path":"p\x","sealed":"AQ=="}`, "want an escape before this"},
	{`{"namespace":"ns","path":"\u00","sealed":"AQ=="}`, "want a hexadecimal digit"},
	{`{"namespace":"ns","path":"\ud800","sealed":"AQ=="}`, "want the second half of a surrogate pair"},
	{`{"namespace":"ns","path":"\ud800\u0041","sealed":"AQ=="}`, "want a surrogate pair before this"},
	{"{\"namespace\":\"ns\",\"path\":\"\xff\",\"sealed\":\"AQ==\"}", "want UTF-8 before this"},
	{"{\"namespace\":\"ns\",\"path\":\"\t\",\"sealed\":\"AQ==\"}", "want a string without control characters"},
	{"{\"namespace\":\"ns\",\"path\":\"\\t\t\",\"sealed\":\"AQ==\"}", "want a string without control characters"},
	{"\ufeff" + `{"namespace":"ns","path":"p","sealed":"AQ=="}`, "not a line of JSON: it begins with a byte order mark: take that away"},
	{`["namespace"]`, "want an object"},
	{`{"a":01}`, "want a number"},
	{`{"a":-}`, "want a number"},
	{`{"a":1.}`, "want a digit"},
	{`{"a":1e+}`, "want a digit"},
	{`{"a":nul}`, "want a value"},
	{`{"a":[1 2]}`, "want a comma or ]"},
	{`{"a":`, "want a value"},
	{`{"a":` + strings.Repeat("[", 1001), "want at most 1000 levels"},
}

func TestParseLine(t *testing.T) {
	for _, c := range lineCases {
		l, err := parseLine([]byte(c.line))
		switch {
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%q: got %v, want %s", c.line, err, c.err)
		case c.err == "" && (err != nil || l.namespace != "ns" || l.path != "p" || string(l.sealed) != "\x01"):
			t.Errorf("%q: got %+v, %v", c.line, l, err)
		}
		if strings.HasPrefix(c.err, "not a sealed message") != errors.Is(err, ErrNoMessage) {
			t.Errorf("%q: %v is ErrNoMessage: %v", c.line, err, errors.Is(err, ErrNoMessage))
		}
	}
}

func TestEscapesOfStrings(t *testing.T) {
	const line = `{"namespace":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é","path":"p","sealed":"\u0041Q\u003D="}`
	l, err := parseLine([]byte(line))
	if want := "\"\\/\b\f\n\r\té😀é"; err != nil || l.namespace != want {
		t.Errorf("got %q, %v, want %q", l.namespace, err, want)
	}
	if got, want := string(l.appendWith(nil, []byte(line), []byte("\x01xyz"))), strings.Replace(line, `"\u0041Q\u003D="`, `"AXh5eg=="`, 1); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// FuzzParseLine compares with the decoder of the standard library, and puts another message into what is taken.
func FuzzParseLine(f *testing.F) {
	for _, c := range lineCases {
		f.Add([]byte(c.line))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := parseLine(b)
		if err != nil {
			return
		}
		var decoded struct {
			Namespace, Path, Sealed string
		}
		members := make(map[string]json.RawMessage)
		if err := json.Unmarshal(b, &members); err != nil {
			t.Fatalf("%q is taken, and is %v", b, err)
		}
		for name, into := range map[string]*string{"namespace": &decoded.Namespace, "path": &decoded.Path, "sealed": &decoded.Sealed} {
			if err := json.Unmarshal(members[name], into); err != nil {
				t.Fatal(err)
			}
		}
		if decoded.Namespace != l.namespace || decoded.Path != l.path || decoded.Sealed != base64.StdEncoding.EncodeToString(l.sealed) {
			t.Fatalf("%q: got %+v, want %+v", b, l, decoded)
		}
		replaced := l.appendWith(nil, b, []byte("\x01 new"))
		if !bytes.HasPrefix(replaced, b[:l.from]) || !bytes.HasSuffix(replaced, b[l.to:]) {
			t.Fatalf("%q became %q", b, replaced)
		}
		again, err := parseLine(replaced)
		if err != nil || string(again.sealed) != "\x01 new" || again.namespace != l.namespace || again.path != l.path || again.from != l.from {
			t.Fatalf("%q became %q: %+v, %v", b, replaced, again, err)
		}
		if back := again.appendWith(nil, replaced, l.sealed); !bytes.Contains(b, []byte(`\`)) && !bytes.Equal(back, b) {
			t.Fatalf("%q became %q", b, back)
		}
	})
}

// FuzzScanner takes what is JSON, and nothing else.
func FuzzScanner(f *testing.F) {
	for _, c := range lineCases {
		f.Add([]byte(c.line))
	}
	f.Add([]byte(` -0.5E+7 `))
	f.Add([]byte(`[[],[{}],"",0]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := &scanner{b: b}
		err := s.value(1)
		s.space()
		taken, valid := err == nil && s.i == len(b), json.Valid(b)
		if taken && !valid {
			t.Fatalf("%q is taken, and is no JSON", b)
		}
		// The standard library takes strings that are not UTF-8, halves of surrogate pairs, and more levels.
		odd := !utf8.Valid(b) || bytes.Contains(bytes.ToLower(b), []byte(`\ud`)) || bytes.Count(b, []byte("["))+bytes.Count(b, []byte("{")) > maxDepth
		if valid && !taken && !odd {
			t.Fatalf("%q is JSON, and is refused: %v", b, err)
		}
	})
}
