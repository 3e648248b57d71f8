package keystore_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"testing"

	"github.com/sealwax/sealwax/internal/vectors"
	"github.com/sealwax/sealwax/keystore"
)

// FuzzParse: Parse never panics, answers with exactly one class, and takes only what Append writes. Each input is tried
// as it is, and signed anew, since no fuzzer gets past a signature.
func FuzzParse(f *testing.F) {
	for _, v := range readVectors(f) {
		if v.Pad == "" {
			f.Add(v.Body)
		}
	}
	for _, path := range glob(f, "../testdata/keystores/v1/*.jsonl") {
		f.Add(readFile(f, path))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		checkParse(t, file)
		checkParse(t, signAnew(file))
	})
}

func checkParse(t *testing.T, file []byte) {
	c, err := keystore.Parse(file)
	if err == nil {
		checkSameAgain(t, file, c)
		return
	}
	if c != nil {
		t.Errorf("contents with the error %v", err)
	}
	n := 0
	for _, class := range []error{keystore.ErrDamaged, keystore.ErrVersion, keystore.ErrTampered} {
		if errors.Is(err, class) {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%v is of %d classes", err, n)
	}
}

// signAnew puts the identity of the seeds into the place of any other and replaces the last line by its signature.
func signAnew(file []byte) []byte {
	end := bytes.LastIndexByte(bytes.TrimSuffix(file, []byte("\n")), '\n') + 1
	before := bytes.Clone(file[:end])
	key := []byte(`"identity":{"public":"`)
	if at := bytes.Index(before, key); at >= 0 {
		copy(before[at+len(key):], vectors.Pin())
	}
	digest := sha512.Sum512(before)
	signature := ed25519.Sign(vectors.Identity(), append([]byte("sealwax/v1 keystore\x00"), digest[:]...))
	return append(before, `{"signature":"`+base64.StdEncoding.EncodeToString(signature)+"\"}\n"...)
}
