package vectors

import (
	"bytes"
	"strings"
)

// lines: one spelling of lines, objects and their fields.
func lines() []*Vector {
	signed := plain().bytes()
	unsigned := string(signed[:bytes.LastIndexByte(signed[:len(signed)-1], '\n')+1])
	resigned := func(old, with string) []byte {
		if strings.Count(unsigned, old) != 1 {
			panic("vectors: not exactly once: " + old)
		}
		return sign([]byte(strings.Replace(unsigned, old, with, 1)), alice, "sealwax/v1 keystore")
	}
	header, _, _ := strings.Cut(unsigned, "\n")
	return []*Vector{
		bytesAs(damaged, "cut-in-header", "The file ends inside the first line.",
			"line 1, column 201, history: want a quote after at most 44 bytes", signed[:200]),
		bytesAs(damaged, "cut-in-key", "The file ends inside the line of a key.",
			"line 2, column 55, state: want one of prepublished, active, retired, destroyed", signed[:len(header)+60]),
		bytesAs(damaged, "cut-before-signature", "The file ends before its last line.",
			"line 4, column 1: want `{`", []byte(unsigned)),
		bytesAs(damaged, "cut-in-signature", "The file ends inside its last line.",
			"line 4, column 96, signature: want a quote after at most 88 bytes", signed[:len(signed)-10]),
		bytesAs(damaged, "cut-last-line-feed", "The last line ends with a line feed too.",
			"line 4, column 105: want a line feed", signed[:len(signed)-1]),
		bytesAs(damaged, "line-feed-after-the-end", "Nothing follows the signature.",
			"line 5, column 1: want nothing after the signature", append(bytes.Clone(signed), '\n')),
		bytesAs(damaged, "two-signatures", "The signature is the last line.",
			"line 5, column 1: want nothing after the signature",
			sign(bytes.Clone(signed), alice, "sealwax/v1 keystore")),
		bytesAs(damaged, "key-after-signature", "Keys stand before the signature.",
			"line 5, column 1: want nothing after the signature",
			append(bytes.Clone(signed), prepublished().String()+"\n"...)),
		bytesAs(damaged, "two-files", "A file written behind another.",
			"line 5, column 1: want nothing after the signature", append(bytes.Clone(signed), signed...)),
		bytesAs(damaged, "carriage-returns", "Lines end with a line feed alone.", "line 1, column 981: want a line feed",
			sign([]byte(strings.ReplaceAll(unsigned, "\n", "\r\n")), alice, "sealwax/v1 keystore")),
		bytesAs(damaged, "empty-line", "No line is empty.",
			"line 3, column 1: want `{`", resigned("}\n{\"key\":"+uuid(0x102), "}\n\n{\"key\":"+uuid(0x102))),
		bytesAs(damaged, "two-headers", "There is one header.",
			"line 2, column 3, signature: want `signature`",
			sign([]byte(header+"\n"+unsigned), alice, "sealwax/v1 keystore")),
		bytesAs(damaged, "line-not-of-a-key", "An object that no grammar has.",
			"line 3, column 3, signature: want `signature`",
			resigned("}\n{\"key\":"+uuid(0x102), "}\n{\"note\":1}\n{\"key\":"+uuid(0x102))),
		bytesAs(damaged, "nul-byte", "No byte stands between two tokens.",
			"line 1, column 94, region: want `\"`", resigned(`"region"`, "\x00"+`"region"`)),

		bytesAs(damaged, "space-after-colon", "No space between tokens.",
			"line 1, column 116, epoch: want a number from 1 to 9007199254740991", resigned(`"epoch":1`, `"epoch": 1`)),
		bytesAs(damaged, "space-after-comma", "No space between tokens.",
			"line 1, column 108, epoch: want `\"`", resigned(`,"epoch"`, `, "epoch"`)),
		bytesAs(damaged, "space-at-line-end", "No space between tokens.",
			"line 1, column 981: want a line feed", resigned(`"owed":[]}`, `"owed":[]} `)),
		bytesAs(damaged, "space-in-empty-list", "No space between tokens.",
			"line 1, column 979, owed: want `{`", resigned(`"owed":[]`, `"owed":[ ]`)),
		bytesAs(damaged, "comma-at-list-end", "No comma after the last element.",
			"line 1, column 970, wrapped: want `{`", resigned(`}],"owed"`, `},],"owed"`)),
		bytesAs(damaged, "comma-at-object-end", "No comma after the last field.",
			"line 1, column 980, owed: want `}`", resigned(`"owed":[]}`, `"owed":[],}`)),

		bytesAs(damaged, "field-unknown", "A field that the grammar does not have.",
			"line 1, column 109, epoch: want `epoch`", resigned(`,"epoch"`, `,"note":1,"epoch"`)),
		bytesAs(damaged, "field-unknown-last", "The same at the end of an object.",
			"line 1, column 980, owed: want `}`", resigned(`"owed":[]}`, `"owed":[],"note":1}`)),
		bytesAs(damaged, "field-twice", "A field stands once.",
			"line 1, column 119, generation: want `generation`", resigned(`,"epoch":1`, `,"epoch":1,"epoch":1`)),
		damage("field-missing", "Every field is there, also where it says nothing.",
			"line 1, column 970, stanzas: want `,`", func(f *file) { f.header = f.header.without("owed") }),
		damage("field-missing-in-stanza", "The same in an object of a list.",
			"line 1, column 659, key_version: want `key_version`",
			head("stanzas", list(stanza().without("key_version")))),
		damage("field-missing-in-key", "The same in a key.",
			"line 3, column 118, activates: want `activates`",
			func(f *file) { f.keys[1] = f.keys[1].without("activates") }),
		bytesAs(damaged, "field-order", "Fields stand in the order of the grammar.",
			"line 1, column 78, cluster: want `cluster`",
			resigned(`"cluster":"prod","region":"eu"`, `"region":"eu","cluster":"prod"`)),
		bytesAs(damaged, "field-upper-case", "Names are spelled as in the grammar.",
			"line 1, column 109, epoch: want `epoch`", resigned(`"epoch"`, `"Epoch"`)),
		bytesAs(damaged, "field-escaped", "JSON has other spellings of a name, this format has none.",
			"line 1, column 109, epoch: want `epoch`", resigned(`"epoch"`, `"\u0065poch"`)),
	}
}
