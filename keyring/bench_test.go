package keyring

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// ringWith returns a ring of n keys on store.
func ringWith(b *testing.B, store keystore.Store, n int) *Ring {
	b.Helper()
	r, err := Create(context.Background(), store, []*wrappers.KEK{localKEK(b)}, &Options{Cluster: "c", Region: "r", RefreshInterval: -1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { r.Close() })
	for range n - 1 {
		rotate(b, r)
	}
	return r
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(n, " keys"), func(b *testing.B) {
			store := keystore.NewMemory()
			ringWith(b, store, n)
			keks := []*wrappers.KEK{localKEK(b)}
			b.ReportAllocs()
			for b.Loop() {
				r, err := Load(context.Background(), store, keks, &Options{RefreshInterval: -1})
				if err != nil {
					b.Fatal(err)
				}
				r.Close()
			}
		})
	}
}

// BenchmarkNextGeneration is what a write costs where all keys but one are as they were. The time of each key is the same
// however many there are.
func BenchmarkNextGeneration(b *testing.B) {
	for _, n := range []int{100, 5000, 20000} {
		b.Run(fmt.Sprint(n, " keys"), func(b *testing.B) {
			r := ringWith(b, keystore.NewMemory(), 1)
			err := r.writeBeside(context.Background(), func(c *keystore.Contents, held *root) {
				for range n {
					k := newKey(held, c.Written, nil)
					k.State, k.Activated, k.Retired = keystore.Retired, c.Written, c.Written
					c.Keys = append(c.Keys, k)
				}
			})
			if err != nil {
				b.Fatal(err)
			}
			s := r.state.Load()
			c := s.contents.Next(s.digest)
			for b.Loop() {
				newState(c, s.digest, s.root, s)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/key")
		})
	}
}

// BenchmarkMemory reports what a loaded key costs, the file's bytes not counted.
func BenchmarkMemory(b *testing.B) {
	store := keystore.NewMemory()
	const n = 1000
	ringWith(b, store, n)
	keks := []*wrappers.KEK{localKEK(b)}
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		r, err := Load(context.Background(), store, keks, &Options{RefreshInterval: -1})
		if err != nil {
			b.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "B/key")
		r.Close()
	}
}

// BenchmarkRotate compares a rotation with the durable replacement that it cannot do without: in one run, in turn.
func BenchmarkRotate(b *testing.B) {
	dir := b.TempDir()
	r := ringWith(b, keystore.NewFile(filepath.Join(dir, "keystore.jsonl")), 10)
	bare := filepath.Join(dir, "bare")
	var rotating, replacing time.Duration
	for b.Loop() {
		// The ring starts with as many keys each time: what is measured is not its growth.
		b.StopTimer()
		if len(r.Keys()) > 20 {
			r = ringWith(b, keystore.NewFile(filepath.Join(b.TempDir(), "keystore.jsonl")), 10)
		}
		data, err := r.store.Read(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		began := time.Now()
		rotate(b, r)
		rotated := time.Now()
		if err := durable.WriteFile(bare, data, 0o600); err != nil {
			b.Fatal(err)
		}
		rotating += rotated.Sub(began)
		replacing += time.Since(rotated)
	}
	b.ReportMetric(float64(rotating)/float64(replacing), "rotation/replacement")
	b.ReportMetric(float64(replacing.Nanoseconds())/float64(b.N), "ns/replacement")
	b.ReportMetric(float64(rotating.Nanoseconds())/float64(b.N), "ns/rotation")
	b.ReportMetric(0, "ns/op")
}

func BenchmarkFind(b *testing.B) {
	r := ringWith(b, keystore.NewMemory(), 100)
	s := r.state.Load()
	for name, id := range map[string]keystore.ID{"active": s.active.id, "other": s.contents.Keys[50].ID, "unknown": unknownID()} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s.find(id)
			}
		})
	}
}

func unknownID() (id keystore.ID) {
	rand.Read(id[:])
	return id
}
