package census

import (
	"context"
	"fmt"
	"runtime"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
)

// Options say how a census is taken. The zero value and nil work.
type Options struct {
	// MaxUnopenable is how many records that do not open are listed; all are counted. The default is 10,000.
	MaxUnopenable int

	// OnProgress is called now and then, and of each source that has a record at least once, from one goroutine, which
	// waits for it.
	OnProgress func(Progress)

	// Workers is how many goroutines open messages, beside the one that reads them. The default is one for each processor.
	Workers int
}

// Progress is how far a census is.
type Progress struct {
	Source  string // that is being read
	Records uint64 // that were read, of all sources so far
	Bytes   uint64 // how long their messages are together
}

const defaultMaxUnopenable = 10_000

// complete returns a copy of o, which may be nil, without unset fields.
func (o *Options) complete() Options {
	var v Options
	if o != nil {
		v = *o
	}
	if v.MaxUnopenable <= 0 {
		v.MaxUnopenable = defaultMaxUnopenable
	}
	if v.Workers <= 0 {
		v.Workers = runtime.GOMAXPROCS(0)
	}
	if v.OnProgress == nil {
		v.OnProgress = func(Progress) {}
	}
	return v
}

// Report is a census and what else was found.
type Report struct {
	keyring.Census
	Total      keyring.Count // all messages
	Records    uint64        // all that was read, be it a message or not
	Unopenable []Unopenable  // in the order of the sources, and of the records in them; at most Options.Unopenable
	Unopened   uint64        // how many there are

	keys []keyring.KeyInfo
}

// Take reads all records of the sources and opens every message. The ring is refreshed before that, and again when a
// message names a key that it does not hold. Memory is bounded, whatever the sources have: some MiB, or several times
// the longest message.
//
// If a source cannot be read to its end, Take goes on with the next one, and returns the error together with the
// report, which is not finished: Ended is zero, and Destroy does not take it. So it does when ctx ends. Without a
// report nothing was counted.
func Take(ctx context.Context, ring *keyring.Ring, sources []source.Source, o *Options) (*Report, error) {
	opts := o.complete()
	report := &Report{Census: keyring.Census{Keystore: ring.ID(), Begun: ring.Now()}}
	if err := ring.Refresh(ctx); err != nil {
		return nil, fmt.Errorf("census: %w", err)
	}
	e := newEngine(ring, opts)
	finished, err := e.run(ctx, sources)
	e.report(report)
	report.Sources = finished
	if err != nil {
		return report, fmt.Errorf("census: not finished: %w", err)
	}
	report.Ended = ring.Now()
	return report, nil
}
