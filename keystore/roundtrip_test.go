package keystore_test

import (
	"bytes"
	"crypto/ed25519"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/internal/keystoretest"
	"github.com/sealwax/sealwax/keystore"
)

func signer(identity ed25519.PrivateKey) func([]byte) []byte {
	return func(message []byte) []byte { return ed25519.Sign(identity, message) }
}

// What Append writes, Parse reads back equal, and Append writes again byte for byte.
func TestRoundTrip(t *testing.T) { rapid.Check(t, checkRoundTrip) }

func checkRoundTrip(t *rapid.T) {
	c, identity := keystoretest.Draw(t)
	before := c.Clone()
	file, err := keystore.Append(nil, c, signer(identity))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(c, before) {
		t.Fatal("Append changed its argument")
	}
	got, err := keystore.Parse(file)
	if err != nil {
		t.Fatalf("%v\n%s", err, file)
	}
	if !reflect.DeepEqual(got, c) {
		t.Fatalf("got  %+v\nwant %+v", got, c)
	}
	again, err := keystore.Append([]byte("dst"), got, signer(identity))
	if err != nil || !bytes.Equal(again, append([]byte("dst"), file...)) {
		t.Fatalf("written again: %v\n%s\nwant\n%s", err, again, file)
	}
}

// No byte of a file can be changed, dropped or doubled without Parse noticing.
func TestEveryByteCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, identity := keystoretest.Draw(t)
		file, err := keystore.Append(nil, c, signer(identity))
		if err != nil {
			t.Fatal(err)
		}
		at := rapid.IntRange(0, len(file)-1).Draw(t, "at")
		flip := rapid.ByteRange(1, 255).Draw(t, "flip")
		flipped := bytes.Clone(file)
		flipped[at] ^= flip
		for what, bad := range map[string][]byte{
			"flipped": flipped,
			"dropped": append(bytes.Clone(file[:at]), file[at+1:]...),
			"doubled": append(bytes.Clone(file[:at+1]), file[at:]...),
			"cut":     file[:at],
		} {
			if _, err := keystore.Parse(bad); err == nil {
				t.Fatalf("byte %d %s: still parses", at, what)
			}
		}
	})
}

// A file with any byte replaced by any of these and signed anew is refused, or it is another file that Append would write.
func TestOneSpelling(t *testing.T) {
	file := readFile(t, "../testdata/keystores/v1/format-everything.jsonl")
	const replacements = "\n \"0:A_"
	for at := range file {
		other := bytes.Clone(file)
		other[at] = replacements[at%len(replacements)]
		checkParse(t, signAnew(other))
		checkParse(t, signAnew(append(bytes.Clone(other[:at+1]), file[at:]...)))
		checkParse(t, signAnew(append(bytes.Clone(file[:at]), file[at+1:]...)))
	}
}
