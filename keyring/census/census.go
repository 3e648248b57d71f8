package census

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
)

// Options say how a census is taken. The zero value and nil work.
type Options struct {
	// Unopenable is how many records that do not open are listed; all are counted. The default is 10,000.
	Unopenable int

	// OnProgress is called now and then, from one goroutine, which waits for it.
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

const defaultUnopenable = 10_000

func (o *Options) complete() Options {
	var v Options
	if o != nil {
		v = *o
	}
	if v.Unopenable <= 0 {
		v.Unopenable = defaultUnopenable
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

// each calls use with every record of the sources and the index of its source, and returns the names of those that were
// read to their end.
func each(ctx context.Context, sources []source.Source, use func(s int, rec source.Record)) (finished []string, err error) {
	var errs []error
	for i, s := range sources {
		if err := one(ctx, s, func(rec source.Record) { use(i, rec) }); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s, err))
			continue
		}
		finished = append(finished, s.String())
	}
	return finished, errors.Join(errs...)
}

func one(ctx context.Context, s source.Source, use func(source.Record)) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	for rec, err := range s.Records(ctx, "") {
		if err != nil {
			return err
		}
		use(rec)
	}
	return nil
}

func namesOf(sources []source.Source) []string {
	names := make([]string, len(sources))
	for i, s := range sources {
		names[i] = s.String()
	}
	return names
}

// A Line is what a census says of one key.
type Line struct {
	Key   keyring.KeyInfo // of a key that the keystore does not have, only the ID
	Known bool            // the keystore has it
	Count keyring.Count
}

// Lines returns a line for each key of the keystore, in the order of their creation, and behind them one for each other key
// that a message names.
func (r *Report) Lines() []Line {
	var lines []Line
	known := make(map[keystore.ID]bool)
	for _, k := range r.keys {
		known[k.ID] = true
		lines = append(lines, Line{k, true, r.Keys[k.ID]})
	}
	for _, id := range sortedIDs(r.Keys) {
		if !known[id] {
			lines = append(lines, Line{keyring.KeyInfo{ID: id}, false, r.Keys[id]})
		}
	}
	return lines
}
