package census

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keyring/source/sourcetest"
)

// shelf yields the same few records over and over: a source that costs nothing.
type shelf struct {
	records []source.Record
	n       int
	read    func(i int)
}

func (*shelf) String() string                                       { return "shelf" }
func (*shelf) Replace(context.Context, source.Record, []byte) error { return source.ErrReadOnly }
func (*shelf) Flush(context.Context) error                          { return nil }
func (*shelf) Close() error                                         { return nil }

func (s *shelf) Records(context.Context, string) iter.Seq2[source.Record, error] {
	return func(yield func(source.Record, error) bool) {
		for i := range s.n {
			if s.read != nil {
				s.read(i)
			}
			if !yield(s.records[i%len(s.records)], nil) {
				return
			}
		}
	}
}

func newShelf(t testing.TB, r *keyring.Ring, n, size int) *shelf {
	s := &shelf{n: n}
	for i, m := range seal(t, r, "default", 4096, size) {
		where := keyring.Bind("variable", sourcetest.Region, m.Namespace, m.Path)
		s.records = append(s.records, source.Record{Cursor: fmt.Sprint(i), Where: m.Path, Namespace: m.Namespace, Place: where, Sealed: m.Sealed})
	}
	return s
}

// openAll opens every record of s on all processors, and does nothing else.
func openAll(t testing.TB, r *keyring.Ring, s *shelf) {
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			var buf []byte
			for i := w; i < s.n; i += workers {
				rec := &s.records[i%len(s.records)]
				out, err := r.Open(buf[:0], rec.Sealed, rec.Place)
				if err != nil {
					t.Error(err)
				}
				buf = out
			}
		})
	}
	wg.Wait()
}

// BenchmarkTake has the time of a bare Open, on as many processors, over that of a census: both in turn, as the machine is
// faster at one moment than at another.
func BenchmarkTake(b *testing.B) {
	for _, size := range []int{64, 1 << 10, 16 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			w := newWorld(b, nil)
			s := newShelf(b, w.ring, 1<<16, size)
			var bare, taken time.Duration
			for b.Loop() {
				start := time.Now()
				openAll(b, w.ring, s)
				bare += time.Since(start)
				start = time.Now()
				if report, err := Take(b.Context(), w.ring, sources(s), nil); err != nil || report.Unopened != 0 {
					b.Fatal(err)
				}
				taken += time.Since(start)
			}
			b.ReportMetric(bare.Seconds()/taken.Seconds(), "of-open")
			b.ReportMetric(float64(b.N*s.n)/taken.Seconds(), "records/s")
		})
	}
}

// TestMemoryOfAMillionRecords holds that what a census needs does not depend on how much there is to count.
func TestMemoryOfAMillionRecords(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	w := newWorld(t, nil)
	s := newShelf(t, w.ring, 1_000_000, 100)
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, most := heap(), uint64(0)
	s.read = func(i int) {
		if i%100_000 == 99_999 {
			most = max(most, heap())
		}
	}
	report, err := Take(t.Context(), w.ring, sources(s), nil)
	if err != nil || report.Total.Messages != 1_000_000 || report.Unopened != 0 {
		t.Fatalf("Take = %v, %+v", err, report)
	}
	const bound = 1 << 20
	t.Logf("%d bytes more than before", int64(most)-int64(before))
	if most > before+bound {
		t.Errorf("%d bytes more than before, and at most %d are wanted", most-before, bound)
	}
}
