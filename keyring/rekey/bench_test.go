package rekey

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"iter"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
)

const (
	benchSize    = 1 << 10
	benchRecords = 1 << 12 // more than the caches hold
	benchLaps    = 4       // through them: a run is long enough for its beginning not to count
)

// shelf is a source whose records stay as they are: replacements go to a place beside them. So every run has the same work.
type shelf struct {
	records []source.Record
	beside  [][]byte
	next    int
}

func (*shelf) String() string              { return "shelf" }
func (*shelf) Close() error                { return nil }
func (*shelf) Flush(context.Context) error { return nil }

func (s *shelf) Records(context.Context, string) iter.Seq2[source.Record, error] {
	return func(yield func(source.Record, error) bool) {
		for i := range benchLaps * benchRecords {
			if !yield(s.records[i%benchRecords], nil) {
				return
			}
		}
	}
}

func (s *shelf) Replace(_ context.Context, rec source.Record, sealed []byte) error {
	s.beside[s.next] = append(s.beside[s.next][:0], sealed...)
	s.next = (s.next + 1) % len(s.beside)
	return nil
}

func newShelf(b *testing.B, ring *keyring.Ring) *shelf {
	s := &shelf{}
	for i := range benchRecords {
		where := keyring.Bind("variable", "eu", "default", "db01") // encoded in 37 bytes
		msg, err := ring.Seal(nil, make([]byte, benchSize), where)
		if err != nil {
			b.Fatal(err)
		}
		s.records = append(s.records, source.Record{Cursor: cursor(i), Where: "default/db01", Place: where, Sealed: msg})
		s.beside = append(s.beside, make([]byte, 0, len(msg)))
	}
	return s
}

// limit is open and seal with a prebuilt AES-256-GCM, on so many goroutines: what nobody does faster.
type limit struct {
	gcm              cipher.AEAD
	messages, beside [][]byte
	binding          []byte
}

func newLimit(b *testing.B) *limit {
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		b.Fatal(err)
	}
	l := &limit{gcm: gcm, binding: make([]byte, 37)}
	for range benchRecords {
		nonce := make([]byte, 12)
		rand.Read(nonce)
		l.messages = append(l.messages, gcm.Seal(nonce, nonce, make([]byte, benchSize), l.binding))
		l.beside = append(l.beside, make([]byte, 0, 12+benchSize+16))
	}
	return l
}

func (l *limit) run(goroutines int) {
	var working sync.WaitGroup
	for part := range goroutines {
		from, to := part*len(l.messages)/goroutines, (part+1)*len(l.messages)/goroutines
		working.Go(func() {
			buf := make([]byte, 0, benchSize)
			for lap := range benchLaps * (to - from) {
				i := from + lap%(to-from)
				msg := l.messages[i]
				plain, err := l.gcm.Open(buf, msg[:12], msg[12:], l.binding)
				if err != nil {
					panic(err)
				}
				out := l.beside[i][:12]
				rand.Read(out)
				l.gcm.Seal(out, out, plain, l.binding)
			}
		})
	}
	working.Wait()
}

// BenchmarkRekey reports how fast a rekey of 1 KiB records is on all cores, and the ratio to the limit: both run in turn in
// each round, and the ratio is the median over the rounds. The goal is .85 on two cores.
func BenchmarkRekey(b *testing.B) {
	ring := newRing(b, nil)
	s, l := newShelf(b, ring), newLimit(b)
	rotate(b, ring)
	cores := runtime.GOMAXPROCS(0)
	var ratios []float64
	var rekeying time.Duration
	for b.Loop() {
		best := timed(func() { l.run(cores) })
		took := timed(func() { mustRun(b, ring, s, nil) })
		ratios, rekeying = append(ratios, float64(best)/float64(took)), rekeying+took
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/4], "q1")
	b.ReportMetric(ratios[len(ratios)*3/4], "q3")
	b.ReportMetric(ratios[len(ratios)/2], "of-limit")
	b.ReportMetric(float64(rekeying.Nanoseconds())/float64(b.N*benchLaps*benchRecords), "ns/record")
}

func timed(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}
