package vectors

import "fmt"

// key returns a key that was created on a day of November.
func key(n, day int, state string) object {
	created := at(day)
	return object{
		{"key", uuid(0x100 + n)},
		{"state", quote(state)},
		{"compromised", "false"},
		{"created", created},
		{"activates", "null"},
		{"activated", "null"},
		{"retired", "null"},
		{"destroyed", "null"},
		{"suite", "1"},
		{"dek", binary(fmt.Sprint("dek ", n), 72)},
		{"signing", "[]"},
		{"census", "null"},
	}
}

func at(day int) string { return fmt.Sprintf(`"2026-11-%02dT09:30:00Z"`, day) }

func retired() object {
	return key(1, 1, "retired").with("activated", at(1)).with("retired", at(8))
}

func active() object {
	return key(2, 8, "active").with("activated", at(8)).with("signing", list(eddsa()))
}

func prepublished() object {
	return key(3, 15, "prepublished").with("activates", `"2026-12-01T00:00:00Z"`).with("signing", list(eddsa()))
}

func tombstone() object {
	return key(0, 1, "destroyed").with("activated", at(1)).with("retired", at(2)).with("destroyed", at(9)).
		with("dek", "null").with("census", census().String())
}

func census() object {
	return object{{"taken", at(9)}, {"sources", "3"}, {"messages", "0"}, {"bytes", "0"}, {"forced", "false"}}
}

// legacy is a key that another program made: its ID is random, of no UUID version.
func legacy() object {
	return retired().with("key", `"9d1c4f1e-55a0-0ab5-3c6e-70a15dbb1c5f"`).with("suite", "128")
}

func eddsa() object { return signing("EdDSA", 44, 88) }

// signing returns a signing key with halves of the sizes that the algorithm has.
func signing(algorithm string, public, private int) object {
	return object{
		{"algorithm", quote(algorithm)},
		{"public", binary(algorithm+" public", public)},
		{"private", binary(algorithm+" private", private)},
	}
}
