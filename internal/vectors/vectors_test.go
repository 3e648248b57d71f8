package vectors

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

const testdata = "../../testdata"

// What is checked in is what this package makes, and nothing else stands between it.
func TestCheckedIn(t *testing.T) {
	files := Files()
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(testdata, name))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%s differs from what go generate makes", name)
		}
	}
	for _, pattern := range Patterns {
		there, err := fs.Glob(os.DirFS(testdata), pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range there {
			if files[name] == nil {
				t.Errorf("%s is not made by go generate", name)
			}
		}
	}
}

// Every file is removed by the next run of go generate, should it no longer be made.
func TestPatternsMatchAll(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(Files())) {
		matches := func(pattern string) bool { ok, err := path.Match(pattern, name); return ok && err == nil }
		if !slices.ContainsFunc(Patterns, matches) {
			t.Errorf("%s matches none of %q", name, Patterns)
		}
	}
}

func TestTextRoundTrip(t *testing.T) {
	for _, v := range All() {
		got, err := Parse(v.Name, v.Text())
		if err != nil {
			t.Fatal(err)
		}
		if len(v.Body) == 0 {
			v.Body = []byte{}
		}
		if !reflect.DeepEqual(got, v) {
			t.Errorf("%s: got %+v, want %+v", v.Name, got, v)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"expect: opens\n", "vectors: x has no empty line"},
		{"expect: opens\nmood: good\n\n", `vectors: x: "mood: good" is unknown or out of order`},
		{"comment: a\nexpect: opens\n\n", `vectors: x: "expect: opens" is unknown or out of order`},
	} {
		if _, err := Parse("x", []byte(c.text)); err == nil || err.Error() != c.want {
			t.Errorf("%q: error %v, want %s", c.text, err, c.want)
		}
	}
	if _, err := (&Vector{Name: "x", Pad: "many"}).File(); err == nil {
		t.Error("pad: many: no error")
	}
}
