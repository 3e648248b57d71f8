package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/internal/durable"
)

// TestJSONLKeepsEverythingElse draws files of good lines, bad ones, blank ones and ones that are too long, replaces
// some messages, flushes now and then, and wants every other byte to be as it was.
func TestJSONLKeepsEverythingElse(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		var was, want bytes.Buffer
		replaced := make(map[string]bool) // by Where
		ends := rapid.SampledFrom([]string{"\n", "\r\n"})
		n := rapid.IntRange(0, 12).Draw(rt, "lines")
		for i := range n {
			kind := rapid.SampledFrom([]string{"good", "good", "good", "replaced", "replaced", "bad", "blank", "long"}).Draw(rt, "kind")
			line := map[string]string{"bad": `{"sealed":`, "blank": " \t", "long": `{"x":"` + strings.Repeat("y", 80_000)}[kind]
			next := line
			if kind == "good" || kind == "replaced" {
				text := encoding{text: true}
				extra := rapid.SampledFrom([]string{``, `"n":{"sealed":"AQ=="}, `, `  `}).Draw(rt, "extra")
				of := func(msg string) string {
					return fmt.Sprintf(`{%s"namespace": "ns","path":"%d", "sealed": "%s"}`, extra, i, text.append(nil, []byte(msg)))
				}
				line, next = of(before), of(before)
				if kind == "replaced" {
					next = of(after)
					replaced[fmt.Sprintf("line %d (ns/%d)", i+1, i)] = true
				}
			}
			end := ends.Draw(rt, "end")
			if i == n-1 && kind != "blank" && rapid.Bool().Draw(rt, "unended") {
				end = ""
			}
			was.WriteString(line + end)
			want.WriteString(next + end)
		}
		path := filepath.Join(dir, "f.jsonl")
		if err := os.WriteFile(path, was.Bytes(), 0o600); err != nil {
			rt.Fatal(err)
		}
		s := JSONL(path, "r", nil)
		s.max = 70_000
		for r, err := range s.Records(t.Context(), "") {
			if err != nil {
				rt.Fatal(err)
			}
			if replaced[r.Where] {
				if err := s.Replace(t.Context(), r, []byte(after)); err != nil {
					rt.Fatal(err)
				}
			}
			if rapid.IntRange(0, 4).Draw(rt, "flush") == 0 {
				if err := s.Flush(t.Context()); err != nil {
					rt.Fatal(err)
				}
			}
		}
		if err := s.Flush(t.Context()); err != nil {
			rt.Fatal(err)
		}
		if got := get(t, path); got != want.String() {
			rt.Fatalf("got %.400q, want %.400q", got, want.String())
		}
	})
}

func goodLine(path, msg string) string {
	return fmt.Sprintf("{\"namespace\":\"ns\",\"path\":%q,\"sealed\":\"%s\"}\n", path, encoding{text: true}.append(nil, []byte(msg)))
}

func linesFile(t *testing.T, lines ...string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "f.jsonl")
	put(t, path, strings.Join(lines, ""))
	return path
}

// TestCursorsNeverLeaveOutALine adds and takes away lines before a cursor is used: then the walk begins anew.
func TestCursorsNeverLeaveOutALine(t *testing.T) {
	a, b, c, d := goodLine("a", before), goodLine("b", before), goodLine("c", before), goodLine("d", before)
	path := linesFile(t, a, b, "{bad\n", c)
	s := JSONL(path, "r", nil)
	all := mustRecords(t, s)
	for _, x := range []struct {
		lines []string
		after int // index of the record whose cursor is used
		want  int // records behind it
	}{
		{[]string{a, b, "{bad\n", c}, 1, 2},
		{[]string{a, goodLine("b", after), "{bad\n", c, d}, 1, 3}, // a replaced message has the cursor that it had
		{[]string{a, b, "{bad\n", c}, 2, 1},
		{[]string{a, b, "{mad\n", c}, 2, 4},
		{[]string{b, "{bad\n", c}, 1, 3},
		{[]string{d, a, b, c}, 1, 4},
		{[]string{a}, 1, 1},
		{nil, 0, 0},
	} {
		put(t, path, strings.Join(x.lines, ""))
		if rest, err := records(t, s, all[x.after].Cursor); err != nil || len(rest) != x.want {
			t.Errorf("%q behind record %d: %d records, %v, want %d", x.lines, x.after, len(rest), err, x.want)
		}
	}
	for _, cursor := range []string{"x", "0-1", "-3"} {
		if _, err := records(t, s, cursor); err == nil || !strings.Contains(err.Error(), "it is not of this source") {
			t.Errorf("cursor %q: %v", cursor, err)
		}
		if err := s.Replace(t.Context(), Record{Cursor: cursor}, nil); err == nil || !strings.Contains(err.Error(), "it is not of this source") {
			t.Errorf("Replace at %q: %v", cursor, err)
		}
	}
}

func TestJSONLWithoutAFile(t *testing.T) {
	s := JSONL(filepath.Join(t.TempDir(), "nowhere"), "r", nil)
	if _, err := records(t, s, ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Records: %v", err)
	}
	if _, err := s.Size(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Size: %v", err)
	}
	if err := s.Replace(t.Context(), Record{Cursor: "1-a"}, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Replace: %v", err)
	}
	dir := JSONL(t.TempDir(), "r", nil)
	if err := dir.Replace(t.Context(), Record{Cursor: "1-a"}, nil); !errors.Is(err, errNoFile) {
		t.Errorf("Replace in a folder: %v", err)
	}
	if _, err := records(t, dir, ""); !errors.Is(err, errNoFile) || err.Error() != dir.path+" is not a regular file" {
		t.Errorf("Records of a folder: %v", err)
	}
	if _, err := dir.Size(t.Context()); !errors.Is(err, errNoFile) {
		t.Errorf("Size of a folder: %v", err)
	}
}

func TestJSONLThroughALink(t *testing.T) {
	path := linesFile(t, goodLine("a", before))
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	s := JSONL(link, "r", nil)
	if err := errors.Join(s.Replace(t.Context(), mustRecords(t, s)[0], []byte(after)), s.Flush(t.Context())); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 || get(t, path) != goodLine("a", after) {
		t.Errorf("the link is now %v, and leads to %q", info.Mode(), get(t, link))
	}
}

// TestReplaceGoesForward refuses a line that was passed already: what was copied of it is the old one.
func TestReplaceGoesForward(t *testing.T) {
	s := JSONL(linesFile(t, goodLine("a", before), goodLine("b", before)), "r", nil)
	defer s.Close()
	all := mustRecords(t, s)
	if err := s.Replace(t.Context(), all[1], []byte(after)); err != nil {
		t.Fatal(err)
	}
	if err := s.Replace(t.Context(), all[0], []byte(after)); err == nil || !strings.HasPrefix(err.Error(), "it is not behind line 2") {
		t.Errorf("Replace = %v", err)
	}
}

// TestAppendedMeanwhile appends in place, between Replace and Flush.
func TestAppendedMeanwhile(t *testing.T) {
	path := linesFile(t, goodLine("a", before))
	s := JSONL(path, "r", nil)
	if err := s.Replace(t.Context(), mustRecords(t, s)[0], []byte(after)); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(goodLine("b", before)); err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	if err := s.Flush(t.Context()); !errors.Is(err, ErrChanged) {
		t.Errorf("Flush = %v, want ErrChanged", err)
	}
	if got, want := get(t, path), goodLine("a", before)+goodLine("b", before); got != want {
		t.Errorf("the file is %q, want %q", got, want)
	}
}

// full is a folder on a disk that is full.
type full struct{ durable.Root }

var errFull = errors.New("no space left on device")

func (f full) Create(name string, mode fs.FileMode) (durable.File, error) {
	file, err := f.Root.Create(name, mode)
	return fullFile{file}, err
}

type fullFile struct{ durable.File }

func (fullFile) Write([]byte) (int, error) { return 0, errFull }

// TestFullDisk fails in Replace or in Flush, whichever writes; what was replaced before is not passed over.
func TestFullDisk(t *testing.T) {
	path := linesFile(t, goodLine("a", before), goodLine("b", before+strings.Repeat("x", 1<<20)), goodLine("c", before))
	s := JSONL(path, "r", nil)
	s.open = func(r durable.Root) folder { return full{r} }
	var errs []error
	for _, r := range mustRecords(t, s) {
		errs = append(errs, s.Replace(t.Context(), r, []byte(after+strings.Repeat("x", 1<<20))))
	}
	for i, err := range errs {
		if !errors.Is(err, errFull) || !errors.Is(err, ErrUnwritable) {
			t.Errorf("Replace %d: %v", i, err)
		}
	}
	if err := s.Flush(t.Context()); !errors.Is(err, errFull) || !errors.Is(err, ErrUnwritable) {
		t.Errorf("Flush = %v", err)
	}
	s.open = func(r durable.Root) folder { return r }
	if err := errors.Join(s.Replace(t.Context(), mustRecords(t, s)[2], []byte(after)), s.Flush(t.Context())); err != nil {
		t.Errorf("with space again: %v", err)
	}
	names, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(names) != 2 {
		t.Errorf("there are %v", names)
	}
}

// TestSizeIsAnEstimate of a file that is longer than what is looked at.
func TestSizeIsAnEstimate(t *testing.T) {
	const n = 30_000
	s := JSONL(linesFile(t, strings.Repeat(goodLine("a", before), n)), "r", nil)
	if got, err := s.Size(t.Context()); err != nil || got < n*99/100 || got > n*101/100 {
		t.Errorf("Size = %d, %v, want about %d", got, err, n)
	}
}

func TestLineReaderPassesErrorsOn(t *testing.T) {
	broken := errors.New("input/output error")
	for _, text := range []string{"", "abc", strings.Repeat("x", 1<<17)} {
		r := newLineReader(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), 1<<20)
		if _, err := r.next(); !errors.Is(err, broken) {
			t.Errorf("next behind %d bytes = %v", len(text), err)
		}
		r = newLineReader(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), 10)
		if err := r.copyTo(io.Discard); !errors.Is(err, broken) {
			t.Errorf("copyTo behind %d bytes = %v", len(text), err)
		}
	}
}
