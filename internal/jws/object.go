package jws

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// maxDepth is how deep objects and arrays may stand in each other.
const maxDepth = 32

// ParseObject returns the members of a JSON object by their names, which are not folded. It refuses what two parsers
// read in two ways: a name that is there twice, at any depth, and bytes that are not UTF-8. Of a name that is there
// twice one parser believes the first and the next one the last.
func ParseObject(b []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(b) {
		return nil, errors.New("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber() // no number is too large to be skipped
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	if err := walk(d, '{', 1); err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(b, &members); err != nil { // which also sees what stands behind the object
		return nil, errors.New("not a JSON object and nothing else")
	}
	return members, nil
}

// walk reads on to the end of the object or array that d is in.
func walk(d *json.Decoder, opened json.Delim, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("more than %d objects and arrays in each other", maxDepth)
	}
	names := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return errors.New("not JSON")
		}
		if name, ok := token.(string); ok && opened == '{' {
			if names[name] {
				return fmt.Errorf("%.32q is there twice", name)
			}
			names[name] = true
			if token, err = d.Token(); err != nil {
				return errors.New("not JSON")
			}
		}
		if inner, ok := token.(json.Delim); ok {
			if err := walk(d, inner, depth+1); err != nil {
				return err
			}
		}
	}
	if _, err := d.Token(); err != nil {
		return errors.New("not JSON")
	}
	return nil
}
