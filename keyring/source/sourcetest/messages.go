package sourcetest

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
)

// messages returns n messages in an order of their own, with names of which some are beginnings of others.
func messages(n int) []Message {
	ms := make([]Message, n)
	for i := range ms {
		ms[i] = Message{[]string{"default", "ops", "o-ps"}[i%3], path(i), sealed(i, 0)}
	}
	slices.SortFunc(ms, func(a, b Message) int { return strings.Compare(a.Namespace+"/"+a.Path, b.Namespace+"/"+b.Path) })
	return ms
}

func path(i int) string {
	switch i % 4 {
	case 0:
		return fmt.Sprintf("app-%d", i)
	case 1:
		return fmt.Sprintf("app/%d", i)
	case 2:
		return fmt.Sprintf("app/db/%d.key", i)
	}
	return fmt.Sprintf(".%d é ü", i)
}

// sealed returns version v of message i: it begins as a message does, and each has a length of its own.
func sealed(i, v int) []byte {
	return append(fmt.Appendf([]byte{0x01}, "%d %d ", i, v), bytes.Repeat([]byte{byte(i), byte(v)}, 1+(i*37+v)%300)...)
}

// next returns m in another version.
func (m Message) next(v int) Message {
	var i int
	fmt.Sscanf(string(m.Sealed[1:]), "%d", &i)
	m.Sealed = sealed(i, v)
	return m
}

func (m Message) binding() keyring.Binding {
	return keyring.Bind("variable", Region, m.Namespace, m.Path)
}

func (m Message) isAt(r source.Record) bool { return reflect.DeepEqual(r.Place, m.binding()) }

// all returns the records behind a cursor.
func all(t *testing.T, s source.Source, after string) []source.Record {
	t.Helper()
	var records []source.Record
	for r, err := range s.Records(t.Context(), after) {
		if err != nil {
			t.Fatalf("Records(%q) of %s: %v", after, s, err)
		}
		records = append(records, r)
	}
	return records
}

// find returns the record at the place of m.
func find(t *testing.T, s source.Source, m Message) source.Record {
	t.Helper()
	for _, r := range all(t, s, "") {
		if m.isAt(r) {
			return r
		}
	}
	t.Fatalf("%s has no record of %s/%s", s, m.Namespace, m.Path)
	return source.Record{}
}

// want compares what s has with these messages, in any order.
func want(t *testing.T, s source.Source, ms []Message) {
	t.Helper()
	records := all(t, s, "")
	for _, r := range records {
		i := slices.IndexFunc(ms, func(m Message) bool { return m.isAt(r) })
		switch {
		case r.Err != nil:
			t.Errorf("%s: %v", r.Where, r.Err)
		case i < 0:
			t.Errorf("%s: nobody has put it there", r.Where)
		case !bytes.Equal(r.Sealed, ms[i].Sealed):
			t.Errorf("%s: got %.20q, want %.20q", r.Where, r.Sealed, ms[i].Sealed)
		}
	}
	if len(records) != len(ms) {
		t.Errorf("got %d records, want %d", len(records), len(ms))
	}
}

func replace(t *testing.T, s source.Source, r source.Record, next []byte) {
	t.Helper()
	if err := s.Replace(t.Context(), r, next); err != nil {
		t.Fatal(err)
	}
}

func flush(t *testing.T, s source.Source) {
	t.Helper()
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// replaceAndFlush returns ErrChanged whichever of the two says so.
func replaceAndFlush(t *testing.T, s source.Source, r source.Record, next []byte) error {
	t.Helper()
	err := s.Replace(t.Context(), r, next)
	err = errors.Join(err, s.Flush(t.Context()))
	if err != nil && !errors.Is(err, source.ErrChanged) {
		t.Fatal(err)
	}
	return err
}
