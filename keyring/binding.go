package keyring

// Binding says where a message belongs. A message opens only under the binding that it was sealed with, so that a
// variable cannot be moved to another path, namespace or region by whoever can write the database.
//
// Make one with [Bind]. The zero Binding is refused by Seal and Open. A Binding is immutable and safe for concurrent use;
// a caller that seals often keeps it.
type Binding struct {
	encoded []byte
}

// Bind returns the binding of a kind of data and the fields that name its place, outermost first:
//
//	keyring.Bind("variable", region, namespace, path)
//
// The fields are kept apart however they are cut: ("a", "bc") and ("ab", "c") differ. Use one kind for each use of the
// ring, and never change the number or meaning of its fields. Bind panics if kind is empty.
func Bind(kind string, fields ...string) Binding {
	if kind == "" {
		panic("keyring: Bind without a kind")
	}
	size := 4 + len(kind)
	for _, f := range fields {
		size += 4 + len(f)
	}
	encoded := appendFields(make([]byte, 0, size), kind)
	return Binding{appendFields(encoded, fields...)}
}

// isZero reports whether b was not made by Bind.
func (b Binding) isZero() bool { return b.encoded == nil }
