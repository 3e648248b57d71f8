// Package vectors makes the test vectors and the test keystores of the keystore file format, in testdata/vectors and
// testdata/keystores, and reads vectors back. docs/format.md says what they are.
//
// The files are put together as text, without package keystore, so that a mistake there cannot hide itself here.
// Everything is derived from labels in this package: the files come out the same on every run and are checked in. The
// private keys of their identities are therefore public.
//
// Run go generate in this folder after a change.
package vectors

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

//go:generate go run ./generate ../../testdata

// A Vector is one file, what a reader knows, and what it must answer. As a text it is lines of "name: value", an empty
// line, and the bytes of the keystore file.
type Vector struct {
	Name    string // of the file, without ".txt"
	Expect  string // "opens" or the class of the error
	Comment string
	Error   string // part of what package keystore says

	// What the reader knows, empty for nothing.
	ID, Cluster, Region, Pin                                    string
	SeenID, SeenIdentity, SeenEpoch, SeenGeneration, SeenDigest string

	// Pad is a number of spaces at the end of the file that the text of the vector leaves out.
	Pad  string
	Body []byte // Pad excluded
}

// header lists the lines of v's text in their order.
func (v *Vector) header() []struct {
	name  string
	value *string
} {
	return []struct {
		name  string
		value *string
	}{
		{"expect", &v.Expect}, {"comment", &v.Comment}, {"error", &v.Error},
		{"id", &v.ID}, {"cluster", &v.Cluster}, {"region", &v.Region}, {"pin", &v.Pin},
		{"seen-id", &v.SeenID}, {"seen-identity", &v.SeenIdentity}, {"seen-epoch", &v.SeenEpoch},
		{"seen-generation", &v.SeenGeneration}, {"seen-digest", &v.SeenDigest},
		{"pad", &v.Pad},
	}
}

// Text returns the vector as it stands in its file.
func (v *Vector) Text() []byte {
	var b bytes.Buffer
	for _, line := range v.header() {
		if *line.value != "" {
			fmt.Fprintf(&b, "%s: %s\n", line.name, *line.value)
		}
	}
	b.WriteByte('\n')
	b.Write(v.Body)
	return b.Bytes()
}

// Parse reads the text of a vector.
func Parse(name string, text []byte) (*Vector, error) {
	v := &Vector{Name: name}
	head, body, ok := bytes.Cut(text, []byte("\n\n"))
	if !ok {
		return nil, fmt.Errorf("vectors: %s has no empty line", name)
	}
	v.Body = body
	left := strings.Split(string(head), "\n")
	for _, line := range v.header() {
		if len(left) > 0 && strings.HasPrefix(left[0], line.name+": ") {
			*line.value, left = strings.TrimPrefix(left[0], line.name+": "), left[1:]
		}
	}
	if len(left) > 0 {
		return nil, fmt.Errorf("vectors: %s: %q is unknown or out of order", name, left[0])
	}
	return v, nil
}

// File returns the bytes of the keystore file.
func (v *Vector) File() ([]byte, error) {
	if v.Pad == "" {
		return v.Body, nil
	}
	n, err := strconv.Atoi(v.Pad)
	if err != nil {
		return nil, fmt.Errorf("vectors: %s: pad: %w", v.Name, err)
	}
	return append(bytes.Clone(v.Body), bytes.Repeat([]byte(" "), n)...), nil
}
