package token_test

import (
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// kinds are the kinds of signing keys, with the raw signature of each: of what the standard library gives for the
// message, its digest included.
var kinds = []struct {
	name    string
	signing keyring.Signing
	raw     func(b testing.TB) func(message []byte)
	most    float64 // of the raw signature's time
}{
	{"EdDSA", keyring.Signing{Algorithms: []string{"EdDSA"}}, func(b testing.TB) func([]byte) {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		return func(message []byte) { ed25519.Sign(private, message) }
	}, 1.15},
	{"ES256", keyring.Signing{Algorithms: []string{"ES256"}}, func(b testing.TB) func([]byte) {
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		return func(message []byte) {
			digest := sha256.Sum256(message)
			if _, err := ecdsa.SignASN1(rand.Reader, private, digest[:]); err != nil {
				b.Fatal(err)
			}
		}
	}, 1.05},
	{"RS256-2048", keyring.Signing{Algorithms: []string{"RS256"}}, rawRSA(2048), 1.05},
	{"RS256-3072", keyring.Signing{Algorithms: []string{"RS256"}, RSABits: 3072}, rawRSA(3072), 1.05},
}

func rawRSA(bits int) func(testing.TB) func([]byte) {
	return func(b testing.TB) func([]byte) {
		private, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			b.Fatal(err)
		}
		return func(message []byte) {
			digest := sha256.Sum256(message)
			if _, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, digest[:]); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkMint measures Mint against the raw signature of the same message, in turn inside short rounds, and gives the
// median of the rounds' ratios: two runs on a machine that others use are not comparable.
func BenchmarkMint(b *testing.B) {
	for _, kind := range kinds {
		b.Run(kind.name, func(b *testing.B) {
			ring := newRing(b, keystore.NewMemory(), kind.signing)
			m, c := newMinter(b, ring.Signer), claims()
			text := mint(b, m, c)
			message := []byte(text[:strings.LastIndexByte(text, '.')])
			raw := kind.raw(b)
			var ratios []float64
			for b.Loop() {
				rawTime := timed(func() { raw(message) })
				mintTime := timed(func() {
					if _, err := m.Mint(c); err != nil {
						b.Fatal(err)
					}
				})
				ratios = append(ratios, float64(mintTime)/float64(rawTime))
			}
			slices.SortFunc(ratios, cmp.Compare[float64])
			b.ReportMetric(ratios[len(ratios)/2], "of-raw")
			b.ReportMetric(kind.most, "goal")
		})
	}
}

// timed returns what eight calls take.
func timed(f func()) time.Duration {
	begin := time.Now()
	for range 8 {
		f()
	}
	return time.Since(begin)
}
