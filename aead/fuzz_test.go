package aead

import (
	"bytes"
	"testing"
)

// FuzzOpen gives arbitrary bytes to Open. Whatever opens must be what the reference seals, and opening in place must
// say the same as opening elsewhere.
func FuzzOpen(f *testing.F) {
	key := make([]byte, KeySize)
	prefix := []byte("prefix")
	for _, suite := range suites {
		nonce := make([]byte, 24)[:map[Suite]int{XAES256GCM: 24, AES256GCM: 12}[suite]]
		for _, plaintext := range []string{"", "text", "a plaintext of more than one block"} {
			message := append(bytes.Clone(prefix), referenceSeal(suite, key, nonce, []byte(plaintext), []byte("place"))...)
			f.Add(uint8(suite), message, []byte("place"))
			f.Add(uint8(suite), message[:len(message)-1], []byte("place"))
			f.Add(uint8(suite), message, []byte("other"))
		}
	}
	f.Add(uint8(XAES256GCM), prefix, []byte(nil))
	f.Add(uint8(AES256GCM), []byte(nil), []byte(nil))

	f.Fuzz(func(t *testing.T, number uint8, message, ad []byte) {
		suite := suites[number%2]
		a := mustNew(t, suite, key, prefix)
		before := bytes.Clone(message)
		got, err := a.Open(nil, message, ad)
		if !bytes.Equal(message, before) {
			t.Fatal("Open changed its message")
		}
		if err != nil && (err != ErrOpen || got != nil) {
			t.Fatalf("Open = %x, %v, want nil, ErrOpen", got, err)
		}
		if err == nil {
			nonce := message[len(prefix) : a.Overhead()-tagSize]
			if want := append(bytes.Clone(prefix), referenceSeal(suite, key, nonce, got, ad)...); !bytes.Equal(message, want) {
				t.Fatalf("Open took %x, but the sealed form of %x is %x", message, got, want)
			}
		}
		inPlace, again := a.Open(before[:0], before, ad) // the fuzzer may give message and ad the same memory
		if again != err || !bytes.Equal(inPlace, got) {
			t.Fatalf("Open in place = %x, %v, want %x, %v", inPlace, again, got, err)
		}
	})
}

// FuzzSeal compares Seal with the reference, for the nonce that Seal drew.
func FuzzSeal(f *testing.F) {
	f.Add(uint8(XAES256GCM), make([]byte, KeySize), []byte("prefix"), []byte("text"), []byte("place"))
	f.Add(uint8(AES256GCM), make([]byte, KeySize), []byte(nil), []byte(nil), []byte(nil))
	f.Fuzz(func(t *testing.T, number uint8, key, prefix, plaintext, ad []byte) {
		suite := suites[number%2]
		a, err := New(suite, key, prefix)
		if err != nil {
			if len(key) == KeySize {
				t.Fatal(err)
			}
			return
		}
		message := a.Seal(nil, plaintext, ad)
		nonce := message[len(prefix) : a.Overhead()-tagSize]
		if want := append(bytes.Clone(prefix), referenceSeal(suite, key, nonce, plaintext, ad)...); !bytes.Equal(message, want) {
			t.Fatalf("Seal = %x, want %x", message, want)
		}
		if got, err := a.Open(message[:0], message, ad); err != nil || !bytes.Equal(got, plaintext) {
			t.Fatalf("Open = %x, %v, want %x", got, err, plaintext)
		}
	})
}
