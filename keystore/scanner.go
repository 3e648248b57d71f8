package keystore

import (
	"bytes"
	"fmt"
	"strings"
)

// A scanner reads the one spelling of a keystore file, value by value. The first thing that is wrong stays in err, and
// from then on every method returns a zero value, so that callers read on and look at err once. It copies what it returns.
type scanner struct {
	data  []byte
	pos   int
	line  int    // from 1
	start int    // of the line
	field string // the one being read, for err
	err   error
}

// fail records what is wanted at pos, and what is there.
func (s *scanner) fail(format string, args ...any) {
	if s.err != nil {
		return
	}
	where := fmt.Sprintf("line %d, column %d", s.line, s.pos-s.start+1)
	if s.field != "" {
		where += ", " + s.field
	}
	s.err = fmt.Errorf("%s: want %s, found %s", where, fmt.Sprintf(format, args...), excerpt(s.data[s.pos:]))
}

func excerpt(rest []byte) string {
	const size = 16
	switch {
	case len(rest) == 0:
		return "the end of the file"
	case len(rest) <= size:
		return fmt.Sprintf("%#q and the end of the file", rest)
	}
	return fmt.Sprintf("%#q", rest[:size])
}

// has reports whether the next bytes are lit.
func (s *scanner) has(lit string) bool {
	rest := s.data[s.pos:]
	return s.err == nil && len(rest) >= len(lit) && string(rest[:len(lit)]) == lit
}

// skip steps over lit if the next bytes are it.
func (s *scanner) skip(lit string) bool {
	if !s.has(lit) {
		return false
	}
	s.pos += len(lit)
	return true
}

// lit steps over lit, which must be there.
func (s *scanner) lit(lit string) {
	if !s.skip(lit) {
		s.fail("%#q", lit)
	}
}

// endLine steps over the LF that ends the line.
func (s *scanner) endLine() {
	s.field = ""
	if !s.skip("\n") {
		s.fail("a line feed")
		return
	}
	s.line++
	s.start = s.pos
}

// open reads the beginning of an object and the name of its first field.
func (s *scanner) open(field string) {
	s.lit("{")
	s.name(field)
}

// next reads the name of another field.
func (s *scanner) next(field string) {
	s.lit(",")
	s.name(field)
}

func (s *scanner) name(field string) {
	s.field = field
	s.lit(`"`)
	s.lit(field)
	s.lit(`":`)
}

// quoted reads a string of no more than most bytes and returns what is between the quotes, a part of data.
func (s *scanner) quoted(most int) []byte {
	s.lit(`"`)
	if s.err != nil {
		return nil
	}
	rest := s.data[s.pos:]
	n := bytes.IndexByte(rest[:min(len(rest), most+1)], '"')
	if n >= 0 {
		s.pos += n + 1
		return rest[:n]
	}
	if len(rest) <= most && bytes.IndexByte(rest, '\n') < 0 {
		s.pos = len(s.data) // cut off inside the string
	}
	s.fail("a quote after at most %d bytes", most)
	return nil
}

// failAt is fail for a value that was read already and is size bytes long, quotes included.
func (s *scanner) failAt(size int, format string, args ...any) {
	if s.err == nil {
		s.pos -= size
		s.fail(format, args...)
	}
}

// list reads a list of least to most elements; each reads one.
func (s *scanner) list(least, most int, each func()) {
	field := s.field
	s.lit("[")
	n := 0
	for ; s.err == nil && !s.skip("]"); n++ {
		if n == most {
			s.field = field
			s.fail("%s elements", span(least, most))
			return
		}
		if n > 0 {
			s.lit(",")
		}
		each()
	}
	s.field = field
	if n < least {
		s.failAt(len("]"), "%s elements", span(least, most))
	}
}

// word reads one of words and returns its index.
func (s *scanner) word(words []string) int {
	for i, w := range words {
		if s.skip(`"` + w + `"`) {
			return i
		}
	}
	s.fail("one of %s", strings.Join(words, ", "))
	return 0
}
