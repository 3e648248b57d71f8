package aead

import (
	"bytes"
	"crypto/sha3"
	"encoding/hex"
	"strings"
	"testing"
)

// vector is one published test vector. Sealed is ciphertext and tag.
type vector struct {
	name                              string
	suite                             Suite
	key, nonce, plaintext, ad, subkey []byte
	sealed                            []byte
}

func vectors() []vector {
	const gcmPlaintext = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
	const gcmCiphertext = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
	gcmKey := unhex(strings.Repeat("feffe9928665731c6d6a8f9467308308", 2))
	return []vector{
		{
			name: "c2sp.org/XAES-256-GCM, MSB of L is 0", suite: XAES256GCM,
			key: bytes.Repeat([]byte{1}, 32), nonce: []byte("ABCDEFGHIJKLMNOPQRSTUVWX"), plaintext: []byte("XAES-256-GCM"),
			subkey: unhex("c8612c9ed53fe43e8e005b828a1631a0bbcb6ab2f46514ec4f439fcfd0fa969b"),
			sealed: unhex("ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"),
		},
		{
			name: "c2sp.org/XAES-256-GCM, MSB of L is 1", suite: XAES256GCM,
			key: bytes.Repeat([]byte{3}, 32), nonce: []byte("ABCDEFGHIJKLMNOPQRSTUVWX"), plaintext: []byte("XAES-256-GCM"),
			ad:     []byte("c2sp.org/XAES-256-GCM"),
			subkey: unhex("e9c621d4cdd9b11b00a6427ad7e559aeedd66b3857646677748f8ca796cb3fd8"),
			sealed: unhex("986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"),
		},
		{
			name: "GCM specification, test case 13", suite: AES256GCM,
			key: make([]byte, 32), nonce: make([]byte, 12),
			sealed: unhex("530f8afbc74536b9a963b4f1c4cb738b"),
		},
		{
			name: "GCM specification, test case 14", suite: AES256GCM,
			key: make([]byte, 32), nonce: make([]byte, 12), plaintext: make([]byte, 16),
			sealed: unhex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"),
		},
		{
			name: "GCM specification, test case 15", suite: AES256GCM,
			key: gcmKey, nonce: unhex("cafebabefacedbaddecaf888"), plaintext: unhex(gcmPlaintext),
			sealed: unhex(gcmCiphertext + "b094dac5d93471bdec1a502270e3cc6c"),
		},
		{
			name: "GCM specification, test case 16", suite: AES256GCM,
			key: gcmKey, nonce: unhex("cafebabefacedbaddecaf888"), plaintext: unhex(gcmPlaintext)[:60],
			ad:     unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
			sealed: append(unhex(gcmCiphertext)[:60], unhex("76fc6ece0f4e1768cddf8853bb2d551b")...),
		},
	}
}

func TestVectors(t *testing.T) {
	for _, v := range vectors() {
		t.Run(v.name, func(t *testing.T) {
			prefix := []byte("prefix")
			message := append(append(prefix, v.nonce...), v.sealed...)
			a := mustNew(t, v.suite, v.key, prefix)
			got, err := a.Open(nil, message, v.ad)
			if err != nil || !bytes.Equal(got, v.plaintext) {
				t.Errorf("Open = %x, %v, want %x", got, err, v.plaintext)
			}
			want := append(bytes.Clone(v.nonce), v.sealed...)
			if got := referenceSeal(v.suite, v.key, v.nonce, v.plaintext, v.ad); !bytes.Equal(got, want) {
				t.Errorf("the reference of these tests seals %x, want %x", got, want)
			}
			if v.suite == XAES256GCM {
				if got := referenceSubkey(v.key, v.nonce[:12]); !bytes.Equal(got, v.subkey) {
					t.Errorf("the reference of these tests derives %x, want %x", got, v.subkey)
				}
			}
		})
	}
}

// TestAccumulatedVectors has random messages, of which c2sp.org/XAES-256-GCM publishes the hash. The reference seals
// them, the hash shows that it does so right, and the package must open each.
func TestAccumulatedVectors(t *testing.T) {
	accumulate(t, 10_000, "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939")
}

func TestAccumulatedVectorsMillion(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 10 s")
	}
	accumulate(t, 1_000_000, "2163ae1445985a30b60585ee67daa55674df06901b890593e824b8a7c885ab15")
}

func accumulate(t *testing.T, iterations int, want string) {
	random, hash := sha3.NewSHAKE128(), sha3.NewSHAKE128()
	read := func(n int) []byte {
		b := make([]byte, n)
		random.Read(b)
		return b
	}
	for i := range iterations {
		key, nonce := read(32), read(24)
		plaintext := read(int(read(1)[0]))
		ad := read(int(read(1)[0]))
		message := referenceSeal(XAES256GCM, key, nonce, plaintext, ad)
		got, err := mustNew(t, XAES256GCM, key, nil).Open(nil, message, ad)
		if err != nil || !bytes.Equal(got, plaintext) {
			t.Fatalf("message %d: Open = %x, %v, want %x", i, got, err, plaintext)
		}
		hash.Write(message[24:])
	}
	sum := make([]byte, 32)
	hash.Read(sum)
	if got := hex.EncodeToString(sum); got != want {
		t.Errorf("hash of %d ciphertexts is %s, want %s", iterations, got, want)
	}
}

func mustNew(t testing.TB, suite Suite, key, prefix []byte) *AEAD {
	t.Helper()
	a, err := New(suite, key, prefix)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}
