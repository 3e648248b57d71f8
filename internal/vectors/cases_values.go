package vectors

import (
	"encoding/base64"
	"strings"
)

// values: one spelling of each kind of value.
func values() []*Vector {
	withSeed := func(s string) edit { return head("identity", identityOf(alice).with("seed", s).String()) }
	return append([]*Vector{
		damage("string-escape", "Strings have no escapes.",
			"line 1, column 87, cluster: want a DNS label", head("cluster", `"pro\u0064"`)),
		damage("string-backslash", "Strings have no backslash.",
			`line 1, column 640, key_id: want printable ASCII`, stanzaWith("key_id", `"a\\b"`)),
		damage("string-angle-bracket", "JSON encoders spell < in two ways.",
			`line 1, column 640, key_id: want printable ASCII`, stanzaWith("key_id", `"a<b"`)),
		damage("string-ampersand", "JSON encoders spell & in two ways.",
			`line 1, column 640, key_id: want printable ASCII`, stanzaWith("key_id", `"a&b"`)),
		damage("string-control-byte", "Strings are printable.",
			`line 1, column 640, key_id: want printable ASCII`, stanzaWith("key_id", "\"a\tb\"")),
		damage("string-del", "DEL is ASCII but not printable.",
			`line 1, column 640, key_id: want printable ASCII`, stanzaWith("key_id", "\"a\x7fb\"")),
		damage("string-utf-8", "Strings are ASCII.",
			`line 1, column 640, key_id: want printable ASCII`, stanzaWith("key_id", `"schlüssel"`)),
		damage("string-null", "An empty string is not null.",
			"line 1, column 640, key_id: want `\"`", stanzaWith("key_id", "null")),
		damage("string-number", "A number is not a string.", "line 1, column 87, cluster: want `\"`", head("cluster", "7")),

		damage("binary-no-padding", "Base64 has its padding.",
			"line 1, column 144, history: want base64 with padding",
			head("history", list(raw(strings.TrimSuffix(generation(2).String(), `="`)+`"`), generation(1)))),
		damage("binary-padding-twice", "Base64 has no more padding than it needs.",
			"line 1, column 406, seed: want a quote after at most 96 bytes",
			withSeed(strings.TrimSuffix(binary("seed", 72), `"`)+`===="`)),
		damage("binary-stray-bits", "The bits that base64 does not use are zero.",
			"line 1, column 144, history: want base64 with padding",
			head("history", list(strayBits(generation(2)), generation(1)))),
		damage("binary-url-alphabet", "Base64 has + and /.",
			"line 1, column 750, wrapped: want base64 with padding",
			head("root", uuid(2)), stanzaWith("wrapped", urlAlphabet())),
		damage("binary-line-feed", "Base64 is not folded.",
			"line 1, column 750, wrapped: want base64 with padding", stanzaWith("wrapped", `"AAAA`+"\n"+`AAAA"`)),
		damage("binary-escaped-line-feed", "Nor with an escape.",
			"line 1, column 750, wrapped: want base64 with padding", stanzaWith("wrapped", `"AAAA\nAAAA"`)),
		damage("binary-space", "Base64 has no spaces.",
			"line 1, column 750, wrapped: want base64 with padding", stanzaWith("wrapped", `"AAAA AAAA"`)),
		damage("binary-hex", "Binary is base64, and hexadecimal only by chance.",
			"line 1, column 750, wrapped: want base64 with padding", stanzaWith("wrapped", `"00ff0"`)),

		damage("number-leading-zero", "A number has no leading zero.",
			"line 1, column 116, epoch: want a number from 1 to 9007199254740991", head("epoch", "01")),
		damage("number-sign", "A number has no sign.",
			"line 1, column 116, epoch: want a number from 1 to 9007199254740991", head("epoch", "+1")),
		damage("number-negative", "A number is not negative.",
			"line 1, column 280, lease: want a number from 0 to 31622400", head("lease", "-1")),
		damage("number-fraction", "A number is an integer.", "line 1, column 117, epoch: want `,`", head("epoch", "1.0")),
		damage("number-exponent", "A number has no exponent.", "line 1, column 281, lease: want `,`", head("lease", "3e2")),
		damage("number-string", "A number is not a string.",
			"line 1, column 116, epoch: want a number from 1 to 9007199254740991", head("epoch", `"1"`)),
		damage("number-missing", "A number has a digit.",
			"line 1, column 116, epoch: want a number from 1 to 9007199254740991", head("epoch", "")),
		damage("number-over-2-53", "2^53: readers of JSON need not keep it exactly.",
			"line 1, column 116, epoch: want a number from 1 to 9007199254740991", head("epoch", "9007199254740992")),
		damage("number-of-20-digits", "2^64: it would wrap around.",
			"line 1, column 116, epoch: want a number from 1 to 9007199254740991", head("epoch", "18446744073709551616")),

		damage("bool-number", "A mark is true or false.",
			"line 3, column 78, compromised: want true or false", keyWith("compromised", "0")),
		damage("bool-null", "A mark is never absent.",
			"line 3, column 78, compromised: want true or false", keyWith("compromised", "null")),
		damage("null-required", "What must be there is not null.",
			"line 1, column 249, written: want `\"`", head("written", "null")),
		damage("null-empty-string", "What is absent is null.",
			"line 3, column 179, retired: want a time like 2026-11-22T10:00:00Z", keyWith("retired", `""`)),
		damage("null-empty-object", "What is absent is null.",
			"line 1, column 517, previous: want `\"`", head("handover", "{}")),
		damage("null-list", "A list may be empty, it is never null.",
			"line 1, column 978, owed: want `[`", head("owed", "null")),
		damage("null-zero-id", "No ID is null, not zeros.",
			"line 1, column 567, split: want a UUID in lower case that is not zero",
			groupWith("split", `"00000000-0000-0000-0000-000000000000"`)),
		damage("null-empty-binary", "A sealed key that is gone is null.",
			"line 2, column 256, dek: want base64 of 41 to 512 bytes",
			withKeys(tombstone().with("dek", `""`), retired(), active())),
	}, append(times(), ids()...)...)
}

func times() []*Vector {
	written := func(name, comment, says, value string) *Vector {
		return damage(name, comment, says, head("written", value))
	}
	return []*Vector{
		written("time-offset", "Times end with Z.",
			"line 1, column 250, written: want a quote after at most 20 bytes", `"2026-11-22T11:00:00+01:00"`),
		written("time-zero-offset", "UTC has one spelling.",
			"line 1, column 250, written: want a quote after at most 20 bytes", `"2026-11-22T10:00:00+00:00"`),
		written("time-lower-case", "T and Z are upper case.",
			"line 1, column 249, written: want a time like 2026-11-22T10:00:00Z", `"2026-11-22t10:00:00z"`),
		written("time-fraction", "Times are whole seconds.",
			"line 1, column 250, written: want a quote after at most 20 bytes", `"2026-11-22T10:00:00.5Z"`),
		written("time-fraction-of-zero", "Whole seconds have one spelling.",
			"line 1, column 250, written: want a quote after at most 20 bytes", `"2026-11-22T10:00:00.0Z"`),
		written("time-short-hour", "An hour has two digits, with a fraction to make up for it or not.",
			"line 1, column 250, written: want a quote after at most 20 bytes", `"2026-11-22T1:00:00,0Z"`),
		written("time-no-seconds", "A time has its seconds.",
			"line 1, column 249, written: want a time like 2026-11-22T10:00:00Z", `"2026-11-22T10:00Z"`),
		written("time-space", "A T stands between date and time.",
			"line 1, column 249, written: want a time like 2026-11-22T10:00:00Z", `"2026-11-22 10:00:00Z"`),
		written("time-number", "Times are strings.", "line 1, column 249, written: want `\"`", "1795341600"),
		written("time-february-30", "The day exists.",
			"line 1, column 249, written: want a time like 2026-11-22T10:00:00Z", `"2026-02-30T10:00:00Z"`),
		written("time-leap-second", "Leap seconds are not spelled.",
			"line 1, column 249, written: want a time like 2026-11-22T10:00:00Z", `"2026-12-31T23:59:60Z"`),
		written("time-hour-24", "Midnight has one spelling.",
			"line 1, column 249, written: want a time like 2026-11-22T10:00:00Z", `"2026-11-22T24:00:00Z"`),
		written("time-year-1969", "Nothing is older than 1970.",
			"line 1, column 249, written: want a time like 2026-11-22T10:00:00Z", `"1969-12-31T23:59:59Z"`),
		written("time-year-1", "What some libraries take for no time.",
			"line 1, column 249, written: want a time like 2026-11-22T10:00:00Z", `"0001-01-01T00:00:00Z"`),
	}
}

func ids() []*Vector {
	id := func(name, comment, says, value string) *Vector {
		return damage(name, comment, says, head("id", value))
	}
	return []*Vector{
		id("uuid-upper-case", "UUIDs are lower case.",
			"line 1, column 38, id: want a UUID in lower case that is not zero", strings.ToUpper(uuid(0xabc))),
		id("uuid-braces", "No braces.",
			"line 1, column 39, id: want a quote after at most 36 bytes", `"{`+strings.Trim(uuid(1), `"`)+`}"`),
		id("uuid-urn", "No URN.",
			"line 1, column 39, id: want a quote after at most 36 bytes", `"urn:uuid:`+strings.Trim(uuid(1), `"`)+`"`),
		id("uuid-no-hyphens", "Hyphens.",
			"line 1, column 38, id: want a UUID in lower case that is not zero", strings.ReplaceAll(uuid(1), "-", "")),
		id("uuid-hyphens-elsewhere", "Hyphens at their places.",
			"line 1, column 38, id: want a UUID in lower case that is not zero",
			`"0193d5e00-000-7000-8000-000000000001"`),
		id("uuid-short", "32 digits.",
			"line 1, column 38, id: want a UUID in lower case that is not zero", `"0193d5e0-0000-7000-8000-00000000001"`),
		id("uuid-not-hexadecimal", "Hexadecimal digits.",
			"line 1, column 38, id: want a UUID in lower case that is not zero",
			`"0193d5e0-0000-7000-8000-00000000000g"`),
		id("uuid-version-4", "IDs are of version 7.",
			"line 1, column 38, id: want a UUIDv7", `"9d1c4f1e-55a0-4ab5-8c6e-70a15dbb1c5f"`),
		id("uuid-other-variant", "And of the variant of RFC 9562.",
			"line 1, column 38, id: want a UUIDv7", `"0193d5e0-0000-7000-c000-000000000001"`),
		id("uuid-zero", "An ID is not zero.",
			"line 1, column 38, id: want a UUID in lower case that is not zero",
			`"00000000-0000-0000-0000-000000000000"`),
		damage("uuid-root-version-4", "So is the root's.",
			"line 1, column 291, root: want a UUIDv7", head("root", `"9d1c4f1e-55a0-4ab5-8c6e-70a15dbb1c5f"`)),
		damage("uuid-key-zero", "A key's ID is not zero, whatever its suite.",
			"line 2, column 8, key: want a UUID in lower case that is not zero",
			withKeys(legacy().with("key", `"00000000-0000-0000-0000-000000000000"`), active())),
	}
}

// strayBits sets a bit behind the last byte of a digest, which most decoders drop in silence.
func strayBits(digest raw) raw {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	b := []byte(digest)
	last := len(b) - len(`="`) - 1
	b[last] = alphabet[strings.IndexByte(alphabet, b[last])|1]
	return raw(b)
}

func urlAlphabet() string {
	return quote(base64.URLEncoding.EncodeToString([]byte("\xfb\xef\xbe\xff\xff\xff")))
}
