package vectors

import "fmt"

// sizes: how many, how long, how large. Each bound is met once exactly and passed once by one.
func sizes() []*Vector {
	identityWith := func(name string, n int) edit {
		return head("identity", identityOf(alice).with(name, binary("seed", n)).String())
	}
	handoverWith := func(name string, n int) edit {
		return head("handover", handover(bob, alice, uuid(1)).with(name, binary(name, n)).String())
	}
	private := func(n int) edit { return keyWith("signing", list(signing("RS256", 294, n))) }
	public := func(n int) edit { return keyWith("signing", list(signing("RS256", n, 1300))) }
	return []*Vector{
		good("count-history-64", "Generation 1000 has digests of the last 64.",
			head("generation", "1000"), head("history", generations(1000, 936))),
		damage("count-history-65", "No generation has more.",
			"line 1, column 3154, history: want at most 64 elements",
			head("generation", "1000"), head("history", generations(1000, 935))),
		good("count-groups-16", "As many groups as there can be.", head("groups", groupsOf(16))),
		damage("count-groups-17", "One more.",
			"line 1, column 1193, groups: want 1 to 16 elements", head("groups", groupsOf(17))),
		damage("count-groups-0", "There is a group.",
			"line 1, column 531, groups: want 1 to 16 elements", head("groups", "[]")),
		good("count-stanzas-64", "As many stanzas as there can be.", head("stanzas", stanzasOf(64))),
		damage("count-stanzas-65", "One more.",
			"line 1, column 14654, stanzas: want 1 to 64 elements", head("stanzas", stanzasOf(65))),
		damage("count-stanzas-0", "There is a stanza.",
			"line 1, column 585, stanzas: want 1 to 64 elements", head("stanzas", "[]")),
		good("count-owed-64", "As many debts as there can be.", head("owed", owedOf(64))),
		damage("count-owed-65", "One more.",
			"line 1, column 6408, owed: want at most 64 elements", head("owed", owedOf(65))),
		damage("count-signing-4", "One signing key for each algorithm.",
			"line 3, column 1007, signing: want at most 3 elements",
			keyWith("signing", list(eddsa(), eddsa(), eddsa(), eddsa()))),
		good("count-keys-0", "A keystore may have no key.", withKeys()),

		damage("length-identity-31", "A public key has 32 bytes.",
			"line 1, column 351, public: want base64 of 32 bytes", identityWith("public", 31)),
		damage("length-identity-33", "A public key has 32 bytes.",
			"line 1, column 351, public: want base64 of 32 bytes", identityWith("public", 33)),
		damage("length-seed-71", "A sealed seed has 72 bytes.",
			"line 1, column 405, seed: want base64 of 72 bytes", identityWith("seed", 71)),
		damage("length-seed-73", "A sealed seed has 72 bytes.",
			"line 1, column 406, seed: want a quote after at most 96 bytes", identityWith("seed", 73)),
		damage("length-previous-31", "A public key has 32 bytes.",
			"line 1, column 528, previous: want base64 of 32 bytes", handoverWith("previous", 31)),
		damage("length-handover-signature-63", "A signature has 64 bytes.",
			"line 1, column 587, signature: want base64 of 64 bytes", handoverWith("signature", 63)),
		damage("length-digest-31", "A digest has 32 bytes.",
			"line 1, column 144, history: want base64 of 32 bytes",
			head("history", list(raw(binary("short", 31)), generation(1)))),
		damage("length-digest-33", "A digest has 32 bytes.",
			"line 1, column 144, history: want base64 of 32 bytes",
			head("history", list(raw(binary("long", 33)), generation(1)))),
		bytesAs(damaged, "length-signature-63", "A signature has 64 bytes.",
			"line 4, column 14, signature: want base64 of 64 bytes", shortSignature()),
		good("length-wrapped-16384", "The longest that a KEK may return.", stanzaWith("wrapped", binary("wrapped", 16384))),
		damage("length-wrapped-16385", "One byte more.",
			"line 1, column 750, wrapped: want base64 of 1 to 16384 bytes",
			stanzaWith("wrapped", binary("wrapped", 16385))),
		damage("length-wrapped-0", "Something is wrapped.",
			"line 1, column 750, wrapped: want base64 of 1 to 16384 bytes", stanzaWith("wrapped", `""`)),
		good("length-dek-41", "One sealed byte: nonce, ciphertext, tag.", keyWith("dek", binary("dek", 41))),
		damage("length-dek-40", "Nothing sealed.",
			"line 3, column 217, dek: want base64 of 41 to 512 bytes", keyWith("dek", binary("dek", 40))),
		good("length-dek-512", "The longest sealed key.", keyWith("dek", binary("dek", 512))),
		damage("length-dek-513", "One byte more.",
			"line 3, column 217, dek: want base64 of 41 to 512 bytes", keyWith("dek", binary("dek", 513))),
		good("length-public-2048", "The longest public half.", public(2048)),
		damage("length-public-2049", "One byte more.",
			"line 3, column 357, public: want base64 of 1 to 2048 bytes", public(2049)),
		damage("length-public-0", "There is a public half.",
			"line 3, column 357, public: want base64 of 1 to 2048 bytes", public(0)),
		good("length-private-8192", "The longest sealed private half.", private(8192)),
		damage("length-private-8193", "One byte more.",
			"line 3, column 762, private: want base64 of 41 to 8192 bytes", private(8193)),
		damage("length-private-40", "Nothing sealed.",
			"line 3, column 762, private: want base64 of 41 to 8192 bytes", private(40)),

		damage("range-epoch-0", "Epochs count from 1.",
			"line 1, column 116, epoch: want a number from 1 to 9007199254740991", head("epoch", "0")),
		damage("range-generation-0", "Generations count from 1.",
			"line 1, column 131, generation: want a number from 1 to 9007199254740991", head("generation", "0")),
		good("range-generation-largest", "2^53-1.",
			head("generation", "9007199254740991"), head("history", generations(1000, 936))),
		good("range-lease-0", "Sealing is not bounded.", head("lease", "0")),
		good("range-lease-366-days", "The longest lease.", head("lease", "31622400")),
		damage("range-lease-longer", "One second more.",
			"line 1, column 280, lease: want a number from 0 to 31622400", head("lease", "31622401")),
		damage("range-threshold-0", "A group of which none is needed.",
			"line 1, column 557, threshold: want a number from 1 to 255", groupWith("threshold", "0")),
		damage("range-threshold-256", "There are 255 numbers of shares.",
			"line 1, column 557, threshold: want a number from 1 to 255", groupWith("threshold", "256")),
		damage("range-share-256", "There are 255 numbers of shares.",
			"line 1, column 711, share: want a number from 0 to 255", stanzaWith("share", "256")),
		damage("range-suite-0", "No suite has the number 0.",
			"line 3, column 209, suite: want a number from 1 to 255", keyWith("suite", "0")),
		damage("range-suite-256", "A suite is a byte.",
			"line 3, column 209, suite: want a number from 1 to 255", keyWith("suite", "256")),
		damage("range-census-over-2-53", "Counts are below 2^53.",
			"line 2, column 325, sources: want a number from 0 to 9007199254740991",
			withKeys(tombstone().with("census", census().with("sources", "9007199254740992").String()), retired(), active())),
	}
}

func shortSignature() []byte {
	file := plain().bytes()
	return append(file[:len(file)-len(object{{"signature", binary("", 64)}}.String())-1], object{{"signature", binary("short", 63)}}.String()+"\n"...)
}

func groupsOf(n int) string {
	groups := []object{group()}
	for len(groups) < n {
		groups = append(groups, group().with("name", fmt.Sprintf(`"g%d"`, len(groups))))
	}
	return list(groups...)
}

func stanzasOf(n int) string {
	var stanzas []object
	for i := range n {
		stanzas = append(stanzas, stanza().with("kek", fmt.Sprintf(`"transit.%d"`, i)).with("wrapped", binary(fmt.Sprint("wrapped ", i), 40)))
	}
	return list(stanzas...)
}

func owedOf(n int) string {
	var all []object
	for i := range n {
		all = append(all, owed().with("kek", fmt.Sprintf(`"awskms.%d"`, i)))
	}
	return list(all...)
}
