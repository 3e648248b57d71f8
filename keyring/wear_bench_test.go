package keyring

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// BenchmarkSealWear seals with a ring that counts in a file, and with one that does not. Ratios in one run are what
// internal/bench measures.
func BenchmarkSealWear(b *testing.B) {
	for _, counting := range []bool{false, true} {
		for _, size := range []int{64, 1 << 10, large} {
			b.Run(fmt.Sprintf("counting=%v/%d", counting, size), func(b *testing.B) {
				o := &Options{Cluster: "c", Region: "r", RefreshInterval: -1}
				if counting {
					o.Wear = keystore.NewFile(filepath.Join(b.TempDir(), "ks")).Beside(".wear")
				}
				r, err := Create(context.Background(), keystore.NewMemory(), []*wrappers.KEK{localKEK(b)}, o)
				if err != nil {
					b.Fatal(err)
				}
				defer r.Close()
				b.SetBytes(int64(size))
				b.ReportAllocs()
				b.RunParallel(func(pb *testing.PB) {
					plaintext, buf, where := make([]byte, size), make([]byte, 0, size+Overhead+128), Bind("variable", "eu", "default", "db01")
					for pb.Next() {
						if _, err := r.Seal(buf, plaintext, where); err != nil {
							b.Error(err)
							return
						}
					}
				})
			})
		}
	}
}
