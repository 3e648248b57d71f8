package source

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// string passes over a string and returns what it says: a part of the line where it has no escapes.
func (s *scanner) string() ([]byte, error) {
	if s.i == len(s.b) || s.b[s.i] != '"' {
		return nil, s.fail("a string")
	}
	from := s.i + 1
	for s.i = from; s.i < len(s.b) && plain[s.b[s.i]]; s.i++ {
	}
	switch {
	case s.i == len(s.b):
		return nil, s.fail("the end of the string")
	case s.b[s.i] == '"':
		s.i++
		return s.checked(s.b[from : s.i-1])
	case s.b[s.i] == '\\':
		return s.escaped(bytes.Clone(s.b[from:s.i]))
	}
	return nil, s.fail("a string without control characters")
}

// plain are the bytes of a string that stand for themselves.
var plain = func() (p [256]bool) {
	for c := range p {
		p[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return p
}()

// escaped goes on with a string of which the next byte is a backslash.
func (s *scanner) escaped(text []byte) ([]byte, error) {
	for s.i < len(s.b) {
		switch c := s.b[s.i]; {
		case c == '"':
			s.i++
			return s.checked(text)
		case c == '\\':
			s.i++
			r, err := s.escape()
			if err != nil {
				return nil, err
			}
			text = utf8.AppendRune(text, r)
		case c < ' ':
			return nil, s.fail("a string without control characters")
		default:
			text = append(text, c)
			s.i++
		}
	}
	return nil, s.fail("the end of the string")
}

func (s *scanner) checked(text []byte) ([]byte, error) {
	if !utf8.Valid(text) {
		return nil, s.fail("UTF-8 before this")
	}
	return text, nil
}

// escapes are the letters that stand behind a backslash, and what they say.
const escapes = "\"\"\\\\//b\bf\fn\nr\rt\t"

// escape passes over what is behind a backslash.
func (s *scanner) escape() (rune, error) {
	if s.i == len(s.b) {
		return 0, s.fail("an escape")
	}
	c := s.b[s.i]
	s.i++
	if c == 'u' {
		return s.unicode()
	}
	for i := 0; i < len(escapes); i += 2 {
		if escapes[i] == c {
			return rune(escapes[i+1]), nil
		}
	}
	return 0, s.fail("an escape before this")
}

// unicode passes over the digits of one \u, or of the two that make a surrogate pair. Half a pair says nothing.
func (s *scanner) unicode() (rune, error) {
	r, err := s.hex4()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if !bytes.HasPrefix(s.b[s.i:], []byte(`\u`)) {
		return 0, s.fail("the second half of a surrogate pair")
	}
	s.i += 2
	second, err := s.hex4()
	if err != nil {
		return 0, err
	}
	if r = utf16.DecodeRune(r, second); r == utf8.RuneError {
		return 0, s.fail("a surrogate pair before this")
	}
	return r, nil
}

func (s *scanner) hex4() (rune, error) {
	var r rune
	for range 4 {
		if s.i == len(s.b) {
			return 0, s.fail("a hexadecimal digit")
		}
		d := bytes.IndexByte([]byte("0123456789abcdef"), s.b[s.i]|0x20)
		if d < 0 || s.b[s.i] < '0' {
			return 0, s.fail("a hexadecimal digit")
		}
		r = r<<4 | rune(d)
		s.i++
	}
	return r, nil
}
