package keystore_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/internal/vectors"
	"github.com/sealwax/sealwax/keystore"
)

var classes = map[string]error{
	"opens":              nil,
	"damaged":            keystore.ErrDamaged,
	"other version":      keystore.ErrVersion,
	"tampered":           keystore.ErrTampered,
	"foreign":            keystore.ErrForeign,
	"rolled back":        keystore.ErrRolledBack,
	"forked":             keystore.ErrForked,
	"continuity unknown": keystore.ErrContinuityUnknown,
}

// Every vector gets the answer that it expects, for the reason that it gives.
func TestVectors(t *testing.T) {
	for _, v := range readVectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			file, err := v.File()
			if err != nil {
				t.Fatal(err)
			}
			err = read(t, file, v)
			checkClass(t, err, v.Expect)
			if err != nil && (v.Error == "" || !strings.Contains(err.Error(), v.Error)) {
				t.Errorf("error %q, want it to contain %q", err, v.Error)
			}
		})
	}
}

// checkClass asks for exactly one class: an error of two would be acted on in two ways.
func checkClass(t *testing.T, err error, want string) {
	t.Helper()
	if _, ok := classes[want]; !ok {
		t.Fatalf("unknown class %q", want)
	}
	for name, class := range classes {
		if is := errors.Is(err, class); is != (name == want) {
			t.Errorf("error %v is %q: %t, want %q", err, name, is, want)
		}
	}
}

// read does what a reader does, and also that what opens is written again as it was.
func read(t *testing.T, file []byte, v *vectors.Vector) error {
	c, err := keystore.Parse(file)
	if err != nil {
		return err
	}
	checkSameAgain(t, file, c)
	return c.Check(keystore.DigestOf(file), expect(t, v))
}

func checkSameAgain(t *testing.T, file []byte, c *keystore.Contents) {
	t.Helper()
	again, err := keystore.Append(nil, c, func([]byte) []byte { return signatureOf(t, file) })
	if err != nil || !bytes.Equal(again, file) {
		t.Errorf("written again: %v\n%s\nwant\n%s", err, again, file)
	}
}

// signatureOf returns the signature in the last line of a file that parses.
func signatureOf(t *testing.T, file []byte) []byte {
	t.Helper()
	text := strings.TrimSuffix(string(file[bytes.LastIndexByte(file, ':')+2:]), "\"}\n")
	return decode(t, text, base64.StdEncoding.DecodeString)
}

func expect(t *testing.T, v *vectors.Vector) *keystore.Expect {
	t.Helper()
	return &keystore.Expect{
		ID: id(t, v.ID), Cluster: v.Cluster, Region: v.Region, Identity: public(t, v.Pin),
		Seen: keystore.Seen{
			ID: id(t, v.SeenID), Identity: public(t, v.SeenIdentity),
			Epoch: number(t, v.SeenEpoch), Generation: number(t, v.SeenGeneration),
			Digest: keystore.Digest(append(decode(t, v.SeenDigest, hex.DecodeString), make([]byte, 32)...)[:32]),
		},
	}
}

func id(t *testing.T, s string) keystore.ID {
	t.Helper()
	if s == "" {
		return keystore.ID{}
	}
	id, err := keystore.ParseID(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func public(t *testing.T, s string) ed25519.PublicKey {
	t.Helper()
	return decode(t, s, base64.StdEncoding.DecodeString)
}

func number(t *testing.T, s string) uint64 {
	t.Helper()
	if s == "" {
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func decode(t *testing.T, s string, decoder func(string) ([]byte, error)) []byte {
	t.Helper()
	b, err := decoder(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func readVectors(t testing.TB) []*vectors.Vector {
	t.Helper()
	var all []*vectors.Vector
	for _, path := range glob(t, "../testdata/vectors/*.txt") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		v, err := vectors.Parse(strings.TrimSuffix(filepath.Base(path), ".txt"), text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// glob returns the files that match pattern. None at all is a mistake.
func glob(t testing.TB, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(paths), err)
	}
	return paths
}
