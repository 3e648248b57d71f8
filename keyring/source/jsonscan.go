package source

import (
	"bytes"
	"errors"
	"fmt"
)

// A scanner goes through one line of JSON, strictly as RFC 8259 has it. It finds where values stand, so that one of
// them can be replaced and every other byte kept, which no decoder of the standard library can say of the members of an
// object.
type scanner struct {
	b []byte
	i int
}

// maxDepth is how deep arrays and objects may be in each other.
const maxDepth = 1000

var errJSON = errors.New("not a line of JSON")

func (s *scanner) fail(want string) error {
	return fmt.Errorf("%w: byte %d: want %s", errJSON, s.i+1, want)
}

func (s *scanner) space() {
	for s.i < len(s.b) && (s.b[s.i] == ' ' || s.b[s.i] == '\t' || s.b[s.i] == '\r' || s.b[s.i] == '\n') {
		s.i++
	}
}

// take passes over c, if it is next after spaces.
func (s *scanner) take(c byte) bool {
	s.space()
	if s.i < len(s.b) && s.b[s.i] == c {
		s.i++
		return true
	}
	return false
}

// object passes over an object and calls member for each of its members, with the scanner at the value, which member has to
// pass over.
func (s *scanner) object(member func(name []byte) error) error {
	if !s.take('{') {
		return s.fail("an object")
	}
	if s.take('}') {
		return nil
	}
	for {
		s.space()
		name, err := s.string()
		if err != nil {
			return err
		}
		if !s.take(':') {
			return s.fail("a colon")
		}
		s.space()
		if err := member(name); err != nil {
			return err
		}
		if s.take('}') {
			return nil
		}
		if !s.take(',') {
			return s.fail("a comma or }")
		}
	}
}

func (s *scanner) array(depth int) error {
	s.i++ // [
	if s.take(']') {
		return nil
	}
	for {
		if err := s.value(depth); err != nil {
			return err
		}
		if s.take(']') {
			return nil
		}
		if !s.take(',') {
			return s.fail("a comma or ]")
		}
	}
}

// value passes over any value, which is depth levels deep.
func (s *scanner) value(depth int) error {
	s.space()
	if s.i == len(s.b) {
		return s.fail("a value")
	}
	if depth > maxDepth {
		return s.fail(fmt.Sprintf("at most %d levels", maxDepth))
	}
	switch c := s.b[s.i]; {
	case c == '"':
		_, err := s.string()
		return err
	case c == '{':
		return s.object(func([]byte) error { return s.value(depth + 1) })
	case c == '[':
		return s.array(depth + 1)
	case c == '-' || '0' <= c && c <= '9':
		return s.number()
	}
	for _, word := range []string{"true", "false", "null"} {
		if bytes.HasPrefix(s.b[s.i:], []byte(word)) {
			s.i += len(word)
			return nil
		}
	}
	return s.fail("a value")
}

func (s *scanner) digits() bool {
	from := s.i
	for s.i < len(s.b) && '0' <= s.b[s.i] && s.b[s.i] <= '9' {
		s.i++
	}
	return s.i > from
}

func (s *scanner) number() error {
	if s.b[s.i] == '-' {
		s.i++
	}
	zero := s.i < len(s.b) && s.b[s.i] == '0'
	from := s.i
	if !s.digits() || zero && s.i > from+1 {
		return s.fail("a number")
	}
	if s.i < len(s.b) && s.b[s.i] == '.' {
		s.i++
		if !s.digits() {
			return s.fail("a digit")
		}
	}
	if s.i < len(s.b) && (s.b[s.i] == 'e' || s.b[s.i] == 'E') {
		s.i++
		if s.i < len(s.b) && (s.b[s.i] == '+' || s.b[s.i] == '-') {
			s.i++
		}
		if !s.digits() {
			return s.fail("a digit")
		}
	}
	return nil
}
