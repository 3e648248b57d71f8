package vectors

import (
	"fmt"
	"slices"
	"strings"
)

// The answers of a reader.
const (
	opens        = "opens"
	damaged      = "damaged"
	otherVersion = "other version"
	tampered     = "tampered"
	foreign      = "foreign"
	rolledBack   = "rolled back"
	forked       = "forked"
	unknown      = "continuity unknown"
)

// An edit makes one thing different before the file is signed.
type edit func(*file)

// from starts the vector of the plain file with edits, signed after them.
func from(expect, name, comment, says string, edits ...edit) *Vector {
	f := plain()
	for _, e := range edits {
		e(f)
	}
	return bytesAs(expect, name, comment, says, f.bytes())
}

// bytesAs starts the vector of a file that is given as it is.
func bytesAs(expect, name, comment, says string, body []byte) *Vector {
	return &Vector{Name: name, Expect: expect, Comment: comment, Error: says, Body: body}
}

// damage is a vector of a signed file that is damaged by an edit.
func damage(name, comment, says string, edits ...edit) *Vector {
	return from(damaged, name, comment, says, edits...)
}

// good is a vector that opens.
func good(name, comment string, edits ...edit) *Vector {
	return from(opens, name, comment, "", edits...)
}

func head(name, value string) edit {
	return func(f *file) { f.header = f.header.with(name, value) }
}

func withKeys(keys ...object) edit {
	return func(f *file) { f.keys = keys }
}

// keyWith sets a field of the active key.
func keyWith(name, value string) edit {
	return func(f *file) { f.keys[1] = f.keys[1].with(name, value) }
}

// stanzaWith sets a field of the stanza.
func stanzaWith(name, value string) edit { return head("stanzas", list(stanza().with(name, value))) }

func groupWith(name, value string) edit { return head("groups", list(group().with(name, value))) }

// twoOfThree adds the officers' group and three shares to the plain stanza.
func twoOfThree(f *file) {
	f.header = f.header.with("groups", list(group(), officers())).
		with("stanzas", list(stanza(), share(1), share(2), share(3)))
}

// All returns all vectors in the order of their names.
func All() []*Vector {
	all := slices.Concat(versions(), lines(), values(), names(), sizes(), signatures(), groupRules(), keyRules(), readers())
	slices.SortFunc(all, func(a, b *Vector) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(all); i++ {
		if all[i].Name == all[i-1].Name {
			panic(fmt.Sprintf("vectors: %s twice", all[i].Name))
		}
	}
	return all
}
