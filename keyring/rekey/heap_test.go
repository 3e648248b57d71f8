package rekey

import (
	"bytes"
	"context"
	"crypto/fips140"
	"iter"
	"runtime"
	"testing"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
)

// endless is a source that makes its records as they are read, and keeps nothing: n of them, of size bytes each.
type endless struct {
	t       *testing.T
	stale   *keyring.Ring // seals
	ring    *keyring.Ring // opens what replaces it, now and then
	n, size int

	plain    []byte
	replaced int
	peak     uint64 // of the heap in use
}

func (*endless) String() string              { return "endless" }
func (*endless) Close() error                { return nil }
func (*endless) Flush(context.Context) error { return nil }

func (e *endless) Records(context.Context, string) iter.Seq2[source.Record, error] {
	return func(yield func(source.Record, error) bool) {
		for i := range e.n {
			where := place(i)
			msg, err := e.stale.Seal(nil, e.plain, where)
			if err != nil {
				e.t.Error(err)
				return
			}
			if !yield(source.Record{Cursor: cursor(i), Where: "endless", Place: where, Sealed: msg}, nil) {
				return
			}
		}
	}
}

func (e *endless) Replace(_ context.Context, rec source.Record, sealed []byte) error {
	if e.replaced%max(1, e.n/200) == 0 {
		e.peak = max(e.peak, heapInUse())
		if got, err := e.ring.Open(nil, sealed, rec.Place); err != nil || !bytes.Equal(got, e.plain) {
			e.t.Errorf("record %s opens as %d bytes, %v", rec.Cursor, len(got), err)
		}
	}
	e.replaced++
	return nil
}

func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// TestMemoryIsBounded wants the same few MiB for a source of any size. What is garbage counts too.
func TestMemoryIsBounded(t *testing.T) {
	if fips140.Enabled() {
		t.Skip("garbage is not collected: see internal/bubble")
	}
	for _, c := range []struct {
		name    string
		n, size int
		most    uint64
	}{
		{"a million records of 1 KiB", 1_000_000, 1 << 10, 32 << 20},
		{"200 records of 1 MiB", 200, 1 << 20, 64 << 20}, // the longest is in it 3 times, and as garbage as often again
		{"a million empty records", 1_000_000, 0, 32 << 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			if testing.Short() {
				t.Skip("takes seconds")
			}
			ring, stale := newRings(t, nil)
			active := rotate(t, ring)
			e := &endless{t: t, stale: stale, ring: ring, n: c.n, size: c.size, plain: make([]byte, c.size)}
			runtime.GC()
			before := heapInUse()
			r := mustRun(t, ring, e, &Options{Workers: 2})
			wantCounts(t, r.Counts, Counts{Records: int64(c.n), Resealed: int64(c.n)})
			if e.replaced != c.n || r.Superseded != 0 {
				t.Errorf("%d replaced, %d superseded by %s", e.replaced, r.Superseded, active)
			}
			peak := e.peak - min(before, e.peak)
			t.Logf("at most %.1f MiB of heap in use beyond the %.1f MiB before", mib(peak), mib(before))
			if peak > c.most {
				t.Errorf("%.1f MiB of heap in use, want at most %.1f", mib(peak), mib(c.most))
			}
		})
	}
}

func mib(n uint64) float64 { return float64(n) / (1 << 20) }
