package vectors

import "crypto/sha256"

// readers: the same file before readers that know different things.
func readers() []*Vector {
	plainDigest := sha256.Sum256(plain().bytes())
	this, other := hexOf(plainDigest[:]), hexOf(derive("another generation 3", 32))
	long := []edit{head("generation", "100"), head("history", generations(100, 36))}
	restored := []edit{head("epoch", "2"), head("generation", "900"), head("history", generations(41, 38))}
	handed := head("handover", handover(bob, alice, uuid(1)).String())
	return []*Vector{
		seen(good("reader-knows-everything", "The keystore that is expected, and seen before."), &Vector{
			ID: idOf(1), Cluster: "prod", Region: "eu", Pin: pin(alice),
			SeenID: idOf(1), SeenIdentity: pin(alice), SeenEpoch: "1", SeenGeneration: "3", SeenDigest: this}),
		good("reader-knows-nothing", "Neither pin nor memory: the file opens, and that proves little."),

		seen(from(foreign, "foreign-id", "Another keystore.",
			"it is keystore "+idOf(1)+", expected "+idOf(9)), &Vector{ID: idOf(9)}),
		seen(from(foreign, "foreign-seen-id", "Another keystore than before.",
			"it is keystore "+idOf(1)+", expected "+idOf(9)), &Vector{SeenID: idOf(9)}),
		seen(from(foreign, "foreign-cluster", "A keystore of another cluster.",
			`it belongs to cluster "prod", expected "dev"`), &Vector{Cluster: "dev"}),
		seen(from(foreign, "foreign-region", "A keystore of another region.",
			`it belongs to region "eu", expected "us"`), &Vector{Region: "us"}),
		seen(from(foreign, "foreign-identity", "Mallory made a keystore in Alice's place.",
			"its identity is ed25519:"+pin(alice)+", pinned is ed25519:"+pin(mallory)), &Vector{Pin: pin(mallory)}),
		seen(from(foreign, "foreign-seen-identity", "Another identity than before, without a handover.",
			"its identity is ed25519:"+pin(alice)+", already seen is ed25519:"+pin(bob)), &Vector{SeenIdentity: pin(bob)}),
		seen(from(foreign, "foreign-handover", "Bob handed over, but Carol is pinned.",
			"its identity is ed25519:"+pin(alice)+" and before that ed25519:"+pin(bob)+", pinned is ed25519:"+pin(carol),
			handed), &Vector{Pin: pin(carol)}),
		seen(from(foreign, "foreign-before-rolled-back", "Both: the identity counts first.",
			"its identity is ed25519:"+pin(alice)+", pinned is ed25519:"+pin(mallory)),
			&Vector{Pin: pin(mallory), SeenEpoch: "1", SeenGeneration: "4"}),
		seen(good("handover-followed", "Bob is pinned and has handed over to Alice.", handed), &Vector{Pin: pin(bob)}),
		seen(good("handover-followed-seen", "Bob was seen and has handed over to Alice.", handed),
			&Vector{SeenIdentity: pin(bob), SeenEpoch: "1", SeenGeneration: "2", SeenDigest: digestOf(2)}),

		seen(from(rolledBack, "rolled-back-generation", "Generation 3, but 4 was seen.",
			"it is generation 3, already seen is generation 4"),
			&Vector{SeenEpoch: "1", SeenGeneration: "4", SeenDigest: other}),
		seen(from(rolledBack, "rolled-back-minimum", "The reader was only told a generation.",
			"it is generation 3, already seen is generation 4"), &Vector{SeenGeneration: "4"}),
		seen(from(rolledBack, "rolled-back-epoch", "A file from before a restored backup, though its generation is higher.",
			"it is of epoch 1, already seen is epoch 2"),
			&Vector{SeenEpoch: "2", SeenGeneration: "2", SeenDigest: other}),
		seen(from(rolledBack, "rolled-back-epoch-alone", "The reader only remembers an epoch.",
			"it is of epoch 1, already seen is epoch 2"), &Vector{SeenEpoch: "2"}),
		seen(from(rolledBack, "rolled-back-before-handover", "What Alice signed before she handed over to Bob is old, not foreign.",
			"it is generation 3, already seen is generation 4"),
			&Vector{SeenIdentity: pin(bob), SeenEpoch: "1", SeenGeneration: "4"}),

		seen(from(forked, "forked-same-generation", "Another generation 3 than the one seen.",
			"generation 3 has digest "+this+", already seen is "+other),
			&Vector{SeenEpoch: "1", SeenGeneration: "3", SeenDigest: other}),
		seen(from(forked, "forked-descent", "A successor of another generation 2.",
			"generation 3 descends from a generation 2 with digest "+digestOf(2)+", already seen is "+other),
			&Vector{SeenEpoch: "1", SeenGeneration: "2", SeenDigest: other}),
		seen(from(forked, "forked-other-place", "The digest seen is in the history, but of another generation.",
			"generation 3 descends from a generation 2 with digest "+digestOf(2)+", already seen is "+digestOf(1)),
			&Vector{SeenEpoch: "1", SeenGeneration: "2", SeenDigest: digestOf(1)}),
		seen(from(forked, "forked-64-back", "The oldest digest of the history is another one.",
			"generation 100 descends from a generation 36 with digest "+digestOf(36)+", already seen is "+other, long...),
			&Vector{SeenEpoch: "1", SeenGeneration: "36", SeenDigest: other}),
		seen(from(forked, "forked-before-epoch", "Seen in this epoch at a generation that it never had.",
			"generation 900 knows the 3 before it, already seen is generation 890 with digest "+other, restored...),
			&Vector{SeenEpoch: "2", SeenGeneration: "890", SeenDigest: other}),

		seen(good("descent-1-back", "The successor of the generation seen."),
			&Vector{SeenEpoch: "1", SeenGeneration: "2", SeenDigest: digestOf(2)}),
		seen(good("descent-64-back", "As far as a history reaches.", long...),
			&Vector{SeenEpoch: "1", SeenGeneration: "36", SeenDigest: digestOf(36)}),
		seen(from(unknown, "descent-65-back", "Further than a history reaches.",
			"it is generation 100 and knows the 64 before it, already seen is generation 35", long...),
			&Vector{SeenEpoch: "1", SeenGeneration: "35", SeenDigest: digestOf(35)}),
		seen(good("descent-minimum", "A reader that was only told a generation asks for no descent.",
			long...), &Vector{SeenGeneration: "3"}),

		seen(good("epoch-newer", "A restored backup: no descent is asked for.", restored...),
			&Vector{SeenEpoch: "1", SeenGeneration: "60", SeenDigest: other}),
		seen(good("epoch-newer-lower-generation", "A backup that was restored by someone who had not seen as much.",
			restored...),
			&Vector{SeenEpoch: "1", SeenGeneration: "1000", SeenDigest: other}),
		seen(from(foreign, "epoch-newer-other-identity", "A newer epoch is no reason to take another identity.",
			"its identity is ed25519:"+pin(alice)+", already seen is ed25519:"+pin(bob), restored...),
			&Vector{SeenIdentity: pin(bob), SeenEpoch: "1", SeenGeneration: "60", SeenDigest: other}),
	}
}

// seen gives v's reader what knows has.
func seen(v, knows *Vector) *Vector {
	knows.Name, knows.Expect, knows.Comment, knows.Error, knows.Body = v.Name, v.Expect, v.Comment, v.Error, v.Body
	return knows
}

func idOf(n int) string { return uuid(n)[1 : len(uuid(n))-1] }

// digestOf returns the digest of an earlier generation as readers remember it.
func digestOf(n int) string { return hexOf(generationDigest(n)) }
