package vectors

import "strings"

// versions: what the first bytes say decides before anything else.
func versions() []*Vector {
	text := func(with string) []byte {
		return replaceOnce(plain().bytes(), `sealwax/keystore/v1`, `sealwax/keystore/`+with)
	}
	return []*Vector{
		bytesAs(otherVersion, "version-2", "Another version, though everything else is of version 1.",
			"version 2, this program knows 1", text("v2")),
		bytesAs(otherVersion, "version-10", "The version is the whole name, not its first digit.",
			"version 10, this program knows 1", text("v10")),
		bytesAs(otherVersion, "version-name", "A version need not be a number.",
			"version 2.0-draft.1, this program knows 1", text("v2.0-draft.1")),
		bytesAs(otherVersion, "version-2-then-anything", "Nothing after the version is looked at.",
			"version 2, this program knows 1",
			[]byte(`{"format":"sealwax/keystore/v2"`+"\x00\xff\r\n")),
		bytesAs(otherVersion, "version-of-16-bytes", "The longest name of a version.",
			"version 9999999999999999, this program knows 1", text("v"+strings.Repeat("9", 16))),
		bytesAs(damaged, "version-of-17-bytes", "Longer than any name of a version.",
			"its first line names no version", text("v"+strings.Repeat("9", 17))),
		bytesAs(damaged, "version-empty", "No name of a version.", "its first line names no version", text("v")),
		bytesAs(damaged, "version-upper-case", "Names of versions are lower case.",
			"its first line names no version", text("v1A")),
		bytesAs(damaged, "version-control-byte", "Whatever is shown to an operator is printable.",
			"its first line names no version", text("v1\x1b")),
		bytesAs(damaged, "version-cut", "The file ends inside the version.",
			"its first line names no version", []byte(`{"format":"sealwax/keystore/v1`)),
		bytesAs(damaged, "version-missing", "The file ends where the version begins.",
			"its first line names no version", []byte(`{"format":"sealwax/keystore/v`)),
		bytesAs(damaged, "empty", "No bytes at all.", "it is empty", nil),
		bytesAs(damaged, "other-json", "JSON of something else.",
			`it does not begin with {"format":"sealwax/keystore/v`, []byte("{}\n")),
		bytesAs(damaged, "other-format", "JSON lines of another format.",
			`it does not begin with {"format":"sealwax/keystore/v`, []byte(`{"format":"other/keystore/v1"}`+"\n")),
		bytesAs(damaged, "byte-order-mark", "A byte order mark before the first byte.",
			`it does not begin with {"format":"sealwax/keystore/v`, append([]byte("\xef\xbb\xbf"), plain().bytes()...)),
		bytesAs(damaged, "space-before-the-first-byte", "The prefix stands at the very beginning.",
			`it does not begin with {"format":"sealwax/keystore/v`, append([]byte(" "), plain().bytes()...)),
		bytesAs(damaged, "format-not-first", "The format is the first field.",
			`it does not begin with {"format":"sealwax/keystore/v`,
			replaceOnce(plain().bytes(), `{"format":"sealwax/keystore/v1","id":`+uuid(1), `{"id":`+uuid(1)+`,"format":"sealwax/keystore/v1"`)),
		padded(damaged, "size-over", "One byte more than 16 MiB.",
			"its 16777217 bytes are more than 16777216", plain().bytes()),
		padded(otherVersion, "size-over-of-version-2", "The version is looked at before the size.",
			"version 2, this program knows 1", text("v2")),
	}
}

// padded is the vector of a file with spaces at its end that make it one byte longer than allowed.
func padded(expect, name, comment, says string, body []byte) *Vector {
	v := bytesAs(expect, name, comment, says, body)
	v.Pad = itoa(16<<20 + 1 - len(body))
	return v
}
