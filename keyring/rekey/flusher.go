package rekey

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/keyring/source"
)

const (
	// flushShare is what share of the time flushes may take: one part in so many.
	flushShare = 20

	// maxOverruns is how many flushes in a row may be overrun by another writer.
	maxOverruns = 10
)

// errOverrun: what was to be flushed is void, since somebody else wrote meanwhile.
var errOverrun = errors.New("somebody else wrote meanwhile")

// A flusher knows when to flush what was replaced.
type flusher struct {
	every    time.Duration
	pending  bool          // something was replaced since the last flush
	ended    time.Time     // the last flush
	took     time.Duration // the last flush
	opened   time.Duration // the first replacement after it took: a source may begin a copy then
	overruns int           // in a row
}

// due reports whether to flush at the time now. Of a lease there is a quarter for what is pending, since no message of
// a key must appear after a census that found none: the rest is for the flush itself.
func (f *flusher) due(now time.Time, lease time.Duration) bool {
	wait := max(f.every, (flushShare-1)*(f.opened+f.took))
	if lease != 0 {
		wait = min(wait, lease/4)
	}
	return f.pending && now.Sub(f.ended) >= wait
}

// flush flushes what was replaced. If that fails nobody knows what became of it, and the run is where it was at the
// last flush.
func (w *writer) flush(ctx context.Context) error {
	f := &w.flusher
	if f.pending {
		began := time.Now()
		err := w.src.Flush(ctx)
		f.pending, f.ended = false, time.Now()
		f.took = f.ended.Sub(began)
		if err != nil {
			w.tally = w.safe
			return f.explain(err)
		}
	}
	f.overruns = 0
	w.safe = w.tally
	return nil
}

// opens notes that the first replacement since the last flush began at that time, and is done.
func (f *flusher) opens(began time.Time) { f.opened = time.Since(began) }

func (f *flusher) explain(err error) error {
	if f.overruns++; errors.Is(err, source.ErrChanged) && f.overruns < maxOverruns {
		return fmt.Errorf("%w: %w", errOverrun, err)
	}
	return fmt.Errorf("flush: %w", err)
}
