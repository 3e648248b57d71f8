package keystore_test

import (
	"fmt"
	"testing"

	"github.com/sealwax/sealwax/keystore"
)

func benchmark(b *testing.B, run func(b *testing.B, c *keystore.Contents, file []byte)) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := withKeys(example(), n)
			for i := range c.Keys {
				c.Keys[i].Signing = []keystore.SigningKey{{Algorithm: "EdDSA", Public: make([]byte, 44), SealedPrivate: make([]byte, 88)}}
			}
			file, err := keystore.Append(nil, c, signer(testIdentity))
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			b.ResetTimer()
			run(b, c, file)
		})
	}
}

func BenchmarkParse(b *testing.B) {
	benchmark(b, func(b *testing.B, _ *keystore.Contents, file []byte) {
		for b.Loop() {
			if _, err := keystore.Parse(file); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	benchmark(b, func(b *testing.B, c *keystore.Contents, file []byte) {
		for b.Loop() {
			if _, err := keystore.Append(file[:0], c, signer(testIdentity)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
