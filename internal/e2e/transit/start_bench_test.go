package transit

import (
	"fmt"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/wrappers"
)

// BenchmarkStart is how long a process needs from nothing to its first sealed message with a Vault that is 20 ms away:
// the connection, the unwrap, reading the keystore from its file, and all its keys. The unit is that latency, below which
// nothing that asks a KMS can come.
func BenchmarkStart(b *testing.B) {
	const latency = 20 * time.Millisecond
	s, store := start(b), newStore(b)
	r := create(b, store, newKEK(b, config(s)))
	for _, keys := range []int{10, 100, 1000} {
		for len(r.Keys()) < keys {
			rotate(b, r)
		}
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			s.Delay(latency)
			defer s.Restore()
			before := s.Count("")
			for b.Loop() {
				first, err := keyring.Load(b.Context(), store, []*wrappers.KEK{newKEK(b, config(s))}, home())
				if err != nil {
					b.Fatal(err)
				}
				seal(b, first, "first")
				first.Close()
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(latency), "latencies/start")
			b.ReportMetric(float64(s.Count("")-before)/float64(b.N), "requests/start")
		})
	}
}
