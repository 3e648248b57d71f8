package keystore

import (
	"encoding/base64"
	"time"

	"github.com/sealwax/sealwax/internal/names"
)

const (
	timeLayout = "2006-01-02T15:04:05Z"
	minYear    = 1970 // nothing older was meant; and year 1 would be Go's zero time, which is spelled null
	maxYear    = 9999

	maxDigits = 16 // of maxInt
)

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
	if s.err != nil {
		return 0
	}
	rest := s.data[s.pos:]
	n, size := uint64(0), 0
	for size < len(rest) && size <= maxDigits && names.IsDigit(rest[size]) { // 17 digits do not overflow
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
