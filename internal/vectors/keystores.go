package vectors

// A Keystore is a whole file that every later version of the parser must take, byte for byte.
type Keystore struct {
	Name string
	Body []byte
}

// Keystores returns one file of each kind. Their secrets are sealed under nothing: they are for the format alone.
func Keystores() []Keystore {
	file := func(name string, edits ...edit) Keystore {
		f := plain()
		for _, e := range edits {
			e(f)
		}
		return Keystore{"format-" + name, f.bytes()}
	}
	return []Keystore{
		file("minimal", head("generation", "1"), head("history", "[]"), head("lease", "0"),
			withKeys(key(1, 1, "active").with("activated", at(1)))),
		file("states", withKeys(tombstone(), retired().with("compromised", "true"), active(), prepublished())),
		file("tombstones", withKeys(tombstone(), retired().with("state", `"destroyed"`).with("destroyed", at(20)).with("dek", "null").
			with("census", census().with("taken", at(19)).with("messages", "12").with("bytes", "34567").with("forced", "true").String()), active())),
		file("groups", twoOfThree),
		file("signing", keyWith("signing", list(eddsa(), signing("ES256", 91, 178), signing("RS256", 294, 1258)))),
		file("legacy", withKeys(legacy(), legacy().with("key", `"00112233-4455-6677-8899-aabbccddeeff"`).with("suite", "255"), active())),
		file("unknown-suite", withKeys(retired().with("suite", "99"), active())),
		file("handover", head("handover", handover(bob, alice, uuid(1)).String())),
		file("epoch-2", head("epoch", "2"), head("generation", "900"), head("history", generations(41, 38))),
		file("lease", head("lease", "31622400")),
		file("owed", head("owed", list(owed(), owed().with("kek", `"gcpckms.eu"`).with("provider", `"gcpckms"`)))),
		file("long-history", head("generation", "1000"), head("history", generations(1000, 936))),
		everything(),
	}
}

// everything has all at once.
func everything() Keystore {
	f := plain()
	twoOfThree(f)
	f.header = f.header.
		with("epoch", "2").with("generation", "1000").with("history", generations(1000, 936)).
		with("handover", handover(bob, alice, uuid(1)).String()).
		with("owed", list(owed()))
	f.keys = []object{tombstone(), legacy(), active(), prepublished()}
	return Keystore{"format-everything", f.bytes()}
}
