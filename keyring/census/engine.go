package census

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
)

// An engine is one census under way: the caller's goroutine reads, workers open.
//
//	sources ──► batches ──► workers, each with a tally and a buffer
//	              ▲──────── batches that were used ◄──┘
type engine struct {
	ring    *keyring.Ring
	opts    Options
	known   []keyring.KeyInfo
	batches chan *batch
	used    chan *batch
	tallies []*tally
	records uint64 // that were read

	mu    sync.Mutex
	found []finding
	looks map[keystore.ID]func() error // refresh the ring, the first time
}

// A batch is some records that a worker takes at once: a channel costs more than to open a short message.
type batch struct {
	first   uint64 // number of the first record
	source  int
	name    string // of the source
	records []source.Record
	size    int
}

const (
	batchRecords = 64
	batchBytes   = 1 << 20
)

// A finding is something that does not open, and the number of its record.
type finding struct {
	n uint64
	Unopenable
}

func newEngine(ring *keyring.Ring, opts Options) *engine {
	e := &engine{ring: ring, opts: opts, known: ring.Keys(), looks: make(map[keystore.ID]func() error)}
	e.batches, e.used = make(chan *batch, opts.Workers), make(chan *batch, 2*opts.Workers+1)
	for range cap(e.used) {
		e.used <- &batch{records: make([]source.Record, 0, batchRecords)}
	}
	for range opts.Workers {
		e.tallies = append(e.tallies, newTally(e.known))
	}
	return e
}

// run reads the sources, and returns the names of those that were read to their end.
func (e *engine) run(ctx context.Context, sources []source.Source) (finished []string, err error) {
	var workers sync.WaitGroup
	for _, t := range e.tallies {
		workers.Go(func() { e.work(ctx, t) })
	}
	names := namesOf(sources)
	b, at := <-e.used, Progress{}
	send := func() {
		if len(b.records) > 0 {
			e.opts.OnProgress(at)
			e.batches <- b
			b = <-e.used
		}
		b.first = at.Records
	}
	finished, err = each(ctx, sources, func(s int, rec source.Record) {
		if len(b.records) == 0 || len(b.records) == batchRecords || b.size >= batchBytes || b.source != s {
			send()
			b.source, b.name = s, names[s]
			at.Source = b.name
		}
		b.records = append(b.records, rec)
		b.size += len(rec.Sealed)
		at.Records, at.Bytes = at.Records+1, at.Bytes+uint64(len(rec.Sealed))
	})
	send()
	close(e.batches)
	workers.Wait()
	e.records = at.Records
	return finished, err
}

// work opens what the batches have.
func (e *engine) work(ctx context.Context, t *tally) {
	w := &worker{engine: e, tally: t}
	defer w.clear()
	for b := range e.batches {
		for i := range b.records {
			rec := &b.records[i]
			if id, err := w.open(ctx, rec); err != nil {
				t.unopened++
				e.find(finding{b.first + uint64(i), Unopenable{b.name + ": " + rec.Where, id, causeOf(err), err}})
			}
		}
		clear(b.records)
		b.records, b.size = b.records[:0], 0
		e.used <- b
	}
}

// maxLooks is for how many unknown keys the ring is refreshed: somebody may have rotated since, but not so often.
const maxLooks = 100

// lookFor refreshes the ring for a key that it does not hold, once for each such key. Whoever else meets the key waits
// for that.
func (e *engine) lookFor(ctx context.Context, id keystore.ID) error {
	e.mu.Lock()
	look := e.looks[id]
	if look == nil && len(e.looks) < maxLooks {
		look = sync.OnceValue(func() error { return e.ring.Refresh(ctx) })
		e.looks[id] = look
	}
	e.mu.Unlock()
	if look == nil {
		return nil
	}
	return look()
}

// find keeps a finding. There are up to twice as many as are wanted: workers meet them out of order.
func (e *engine) find(f finding) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.found = append(e.found, f)
	if len(e.found) >= 2*e.opts.MaxUnopenable {
		e.found = e.firstFound()
	}
}

// firstFound returns the first of the findings, as many as are wanted, in their order.
func (e *engine) firstFound() []finding {
	slices.SortFunc(e.found, func(a, b finding) int { return cmp.Compare(a.n, b.n) })
	return e.found[:min(len(e.found), e.opts.MaxUnopenable)]
}

// report says what was counted. It is called once all workers have ended.
func (e *engine) report(r *Report) {
	r.Keys = make(map[keystore.ID]keyring.Count)
	for _, t := range e.tallies {
		t.addTo(r)
	}
	for _, f := range e.firstFound() {
		r.Unopenable = append(r.Unopenable, f.Unopenable)
	}
	r.Records, r.keys = e.records, e.ring.Keys()
}
