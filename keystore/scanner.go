package keystore

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

const (
	timeLayout = "2006-01-02T15:04:05Z"
	minYear    = 1970 // nothing older was meant; and year 1 would be Go's zero time, which is spelled null
	maxYear    = 9999

	maxDigits = 16 // of maxInt
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

// open reads the begin of an object and the name of its first field.
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
	if s.has(`"`) && len(s.data)-s.pos >= len(field)+3 && string(s.data[s.pos+1:s.pos+1+len(field)]) == field &&
		s.data[s.pos+len(field)+1] == '"' && s.data[s.pos+len(field)+2] == ':' {
		s.pos += len(field) + 3
		return
	}
	s.lit(`"` + field + `":`)
}

// quoted reads a string of at most most bytes and returns what is between the quotes, a part of data.
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

func (s *scanner) text(k kind) string {
	raw := s.quoted(k.max)
	text := string(raw)
	if s.err == nil && !k.holds(text) {
		s.failAt(len(raw)+2, "%s", k.what)
		return ""
	}
	return text
}

func (s *scanner) id() ID {
	raw := s.quoted(idText)
	id, ok := parseID(raw)
	if !ok || id.IsZero() {
		s.failAt(len(raw)+2, "a UUID in lower case that is not zero")
		return ID{}
	}
	return id
}

func (s *scanner) idV7() ID {
	id := s.id()
	if !id.isV7() {
		s.failAt(idText+2, "a UUIDv7")
		return ID{}
	}
	return id
}

func (s *scanner) optionalID() ID {
	if s.skip("null") {
		return ID{}
	}
	return s.idV7()
}

func (s *scanner) uint(least, most uint64) uint64 {
	rest := s.data[s.pos:]
	n, size := uint64(0), 0
	for size < len(rest) && size <= maxDigits && isDigit(rest[size]) { // 17 digits do not overflow
		n = 10*n + uint64(rest[size]-'0')
		size++
	}
	if size == 0 || size > 1 && rest[0] == '0' || n < least || n > most {
		s.fail("a number from %d to %d without leading zeros", least, most)
		return 0
	}
	s.pos += size
	return n
}

func (s *scanner) bool() bool {
	switch {
	case s.skip("true"):
		return true
	case s.skip("false"):
		return false
	}
	s.fail("true or false")
	return false
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

func (s *scanner) time() time.Time {
	raw := s.quoted(len(timeLayout))
	t, err := time.Parse(timeLayout, string(raw))
	// time.Parse takes more than one spelling: an hour of one digit, a fraction of a second.
	if err != nil || t.Year() < minYear || string(t.AppendFormat(make([]byte, 0, len(timeLayout)), timeLayout)) != string(raw) {
		s.failAt(len(raw)+2, "a time like 2026-11-22T10:00:00Z of the years %d to %d", minYear, maxYear)
		return time.Time{}
	}
	return t
}

func (s *scanner) optionalTime() time.Time {
	if s.skip("null") {
		return time.Time{}
	}
	return s.time()
}

var strict = base64.StdEncoding.Strict()

func (s *scanner) binary(least, most int) []byte {
	raw := s.quoted(strict.EncodedLen(most))
	b := make([]byte, strict.DecodedLen(len(raw)))
	n, err := strict.Decode(b, raw)
	// The decoder skips line feeds and carriage returns wherever they stand, hence the look at the length.
	if err != nil || strict.EncodedLen(n) != len(raw) {
		s.failAt(len(raw)+2, "base64 with padding")
		return nil
	}
	if n < least || n > most {
		s.failAt(len(raw)+2, "base64 of %s bytes", span(least, most))
		return nil
	}
	return b[:n:n]
}

func (s *scanner) optionalBinary(least, most int) []byte {
	if s.skip("null") {
		return nil
	}
	return s.binary(least, most)
}

// list reads a list of min to max elements; each reads one.
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
