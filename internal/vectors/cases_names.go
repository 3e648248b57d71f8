package vectors

import (
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// names: what a name may be made of, and the closed sets of words.
func names() []*Vector {
	long := func(n int) string { return quote(strings.Repeat("x", n)) }
	inGroup := func(name string) edit {
		return func(f *file) {
			f.header = f.header.with("groups", list(group().with("name", name))).with("stanzas", list(stanza().with("group", name)))
		}
	}
	kek := func(kek, provider string) edit {
		return head("stanzas", list(stanza().with("kek", kek).with("provider", provider)))
	}
	return []*Vector{
		good("name-label-of-63", "The longest cluster ID.", head("cluster", long(63))),
		damage("name-label-of-64", "A label of the DNS has at most 63 bytes.",
			"line 1, column 88, cluster: want a quote after at most 63 bytes", head("cluster", long(64))),
		damage("name-label-empty", "A region has a name.",
			"line 1, column 103, region: want a DNS label", head("region", `""`)),
		damage("name-label-upper-case", "Labels are lower case, so that they have one spelling.",
			"line 1, column 87, cluster: want a DNS label", head("cluster", `"Prod"`)),
		damage("name-label-hyphen-first", "A label does not begin with a hyphen.",
			"line 1, column 103, region: want a DNS label", head("region", `"-eu"`)),
		damage("name-label-hyphen-last", "Nor end with one.",
			"line 1, column 103, region: want a DNS label", head("region", `"eu-"`)),
		damage("name-label-dot", "A region is one label.",
			"line 1, column 103, region: want a DNS label", head("region", `"eu.west"`)),
		damage("name-label-underscore", "No underscore.",
			"line 1, column 87, cluster: want a DNS label", head("cluster", `"my_cluster"`)),

		good("name-group-of-24", "The longest name of a group.", inGroup(long(24))),
		damage("name-group-of-25", "Longer than the room for it in a stanza's plaintext.",
			"line 1, column 540, name: want a quote after at most 24 bytes", inGroup(long(25))),
		damage("name-group-empty", "A group has a name.", "line 1, column 539, name: want a group name", inGroup(`""`)),
		damage("name-group-dot", "Names have no dots.", "line 1, column 539, name: want a group name", inGroup(`"a.b"`)),

		good("name-kek-of-provider", "A KEK without a name of its own.", kek(`"transit"`, `"transit"`)),
		good("name-kek-longest", "The longest names of a provider and a KEK.",
			kek(quote(strings.Repeat("p", 32)+"."+strings.Repeat("n", 64)), quote(strings.Repeat("p", 32)))),
		damage("name-kek-too-long", "A KEK's own name has at most 64 bytes.",
			"line 1, column 592, kek: want a KEK name", kek(quote("p."+strings.Repeat("n", 65)), `"p"`)),
		damage("name-kek-two-dots", "One dot.",
			"line 1, column 592, kek: want a KEK name", kek(`"transit.a.b"`, `"transit"`)),
		damage("name-kek-dot-last", "No empty name.",
			"line 1, column 592, kek: want a KEK name", kek(`"transit."`, `"transit"`)),
		damage("name-kek-upper-case", "Lower case.",
			"line 1, column 592, kek: want a KEK name", kek(`"transit.Vault"`, `"transit"`)),
		damage("name-provider-of-33", "A provider's name has at most 32 bytes.",
			"line 1, column 592, kek: want a KEK name", kek(long(33), long(33))),
		damage("name-provider-empty", "A stanza has a provider.",
			"line 1, column 613, provider: want a provider name", kek(`"transit"`, `""`)),

		good("name-key-id-empty", "Not every provider has names or versions.",
			head("stanzas", list(stanza().with("key_id", `""`).with("key_version", `""`)))),
		good("name-key-id-of-1024", "The longest name that a provider can have for its key.",
			stanzaWith("key_id", long(1024))),
		damage("name-key-id-of-1025", "Longer.",
			"line 1, column 641, key_id: want a quote after at most 1024 bytes", stanzaWith("key_id", long(1025))),
		damage("name-key-version-of-1025", "The same for versions.",
			"line 1, column 673, key_version: want a quote after at most 1024 bytes",
			stanzaWith("key_version", long(1025))),
		good("name-key-id-all-bytes", "Every byte that a string may hold.",
			stanzaWith("key_id", quote(" !#$%'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"))),

		good("name-scheme-of-64", "The longest scheme.", stanzaWith("scheme", quote(strings.Repeat("x", 62)+"/9"))),
		damage("name-scheme-of-65", "Longer.",
			"line 1, column 723, scheme: want a quote after at most 64 bytes",
			stanzaWith("scheme", quote(strings.Repeat("x", 63)+"/9"))),
		damage("name-scheme-no-version", "A scheme has a version.",
			"line 1, column 722, scheme: want a scheme", stanzaWith("scheme", `"vault-transit"`)),
		damage("name-scheme-version-0", "Which is a number from 1.",
			"line 1, column 722, scheme: want a scheme", stanzaWith("scheme", `"vault-transit/0"`)),
		damage("name-scheme-no-name", "And a name.",
			"line 1, column 722, scheme: want a scheme", stanzaWith("scheme", `"/1"`)),

		damage("word-state-unknown", "There are four states.",
			"line 3, column 55, state: want one of prepublished, active, retired, destroyed",
			keyWith("state", `"suspended"`)),
		damage("word-state-upper-case", "In lower case.",
			"line 3, column 55, state: want one of prepublished, active, retired, destroyed",
			keyWith("state", `"Active"`)),
		damage("word-algorithm-unknown", "There are three algorithms.",
			"line 3, column 340, algorithm: want one of EdDSA, ES256, RS256",
			keyWith("signing", list(signing("HS256", 44, 88)))),
		damage("word-algorithm-lower-case", "With the names that JOSE has for them.",
			"line 3, column 340, algorithm: want one of EdDSA, ES256, RS256",
			keyWith("signing", list(signing("eddsa", 44, 88)))),
	}
}
