package source

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
)

// A line is what one line of a file of messages says.
type line struct {
	namespace, path string
	sealed          []byte
	from, to        int // where the string of "sealed" stands, with its quotes
}

// parseLine is strict: what is there twice, or is no string, is refused and not guessed at. Members of other names may be
// whatever JSON is.
func parseLine(b []byte) (line, error) {
	if bytes.HasPrefix(b, []byte("\ufeff")) {
		return line{}, fmt.Errorf("%w: it begins with a byte order mark: take that away", errJSON)
	}
	s := &scanner{b: b}
	var namespace, path, sealed field
	err := s.object(func(name []byte) error {
		switch string(name) {
		case "namespace":
			return namespace.scan(s, "namespace")
		case "path":
			return path.scan(s, "path")
		case "sealed":
			return sealed.scan(s, "sealed")
		}
		return s.value(2)
	})
	if err != nil {
		return line{}, err
	}
	if s.space(); s.i != len(b) {
		return line{}, s.fail("the end of the line")
	}
	l := line{namespace: string(namespace.text), path: string(path.text), from: sealed.from, to: sealed.to}
	if l.to == 0 {
		return l, fmt.Errorf(`%w: the line has no "sealed"`, ErrNoMessage)
	}
	if l.namespace == "" || l.path == "" {
		return l, errors.New(`the line has no "namespace" or no "path", or an empty one: nobody knows what it was sealed for`)
	}
	l.sealed, err = decode64(sealed.text)
	return l, err
}

// A field is a member of the object that has to be a string, and there once.
type field struct {
	text     []byte
	from, to int
}

func (f *field) scan(s *scanner, name string) (err error) {
	if f.to != 0 {
		return fmt.Errorf("the line has a second %q", name)
	}
	f.from = s.i
	if s.i < len(s.b) && s.b[s.i] != '"' {
		return fmt.Errorf("the line's %q is not a string", name)
	}
	f.text, err = s.string()
	f.to = s.i
	return err
}

// appendWith appends the line b, of which l is what it says, with another message.
func (l line) appendWith(dst, b, sealed []byte) []byte {
	dst = append(dst, b[:l.from]...)
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, sealed)
	dst = append(dst, '"')
	return append(dst, b[l.to:]...)
}
