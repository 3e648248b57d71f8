package rekey

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"
)

// A pipe carries the records of one pass. Each worker reads a batch, seals it, writes what is ready, and begins again:
// reading and writing are turns that one of them takes at a time, so that all cores are busy, nobody hands a batch over
// to another core, and no worker waits for another unless the source is what is slow.
type pipe struct {
	*run
	w    *writer
	stop context.CancelCauseFunc // ends the pass, for a reason that concerns all records

	reading  turn // of the worker that reads
	next     func() (*batch, bool)
	walk     error // what ended it; to be read when all workers have ended
	records  int   // that a batch has at most
	underway budget

	ordered chan *batch  // what was read, in the order of the source
	sealed  atomic.Int64 // batches that the one who writes has not been told of
	head    *batch       // the next one to write; nil if it is still to be taken from ordered
	spare   spare
}

// maxUnderway is how many bytes may be read and not yet written, or what so many full batches have if that is more. A
// message that is longer goes alone.
const maxUnderway = 16 << 20

func newPipe(w *writer, stop context.CancelCauseFunc) *pipe {
	n := 2*w.opts.Workers + 4 // so many batches keep everybody busy
	p := &pipe{run: w.run, w: w, stop: stop, reading: newTurn(), records: batchRecords, ordered: make(chan *batch, n)}
	if w.opts.Rate > 0 {
		p.records = min(batchRecords, burst(w.opts.Rate)) // so that what is read is replaced soon
	}
	most := max(maxUnderway, n*batchBytes)
	p.underway = budget{most: most, least: most / n, freed: make(chan struct{}, 1)}
	return p
}

// carry has the workers carry the records behind the cursor after. None of them is left when it returns.
func (p *pipe) carry(ctx context.Context, after string) {
	next, stop := iter.Pull(p.batches(ctx, after))
	defer stop()
	p.next = next
	var workers sync.WaitGroup
	for range p.opts.Workers {
		workers.Go(func() { p.work(ctx) })
	}
	workers.Wait()
}

func (p *pipe) work(ctx context.Context) {
	w := &worker{run: p.run}
	for b := p.read(ctx); b != nil; b = p.read(ctx) {
		if err := w.sealAll(ctx, b); err != nil {
			p.stop(err)
		}
		b.sealed.Store(true)
		p.write(ctx)
	}
}

// read takes the worker's turn to read. It returns nil at the end.
func (p *pipe) read(ctx context.Context) *batch {
	if !p.reading.take(ctx) {
		return nil
	}
	defer p.reading.give()
	b, ok := p.next()
	if !ok || !p.underway.take(ctx, b.size) {
		return nil
	}
	p.ordered <- b // which has room for what is under way
	return b
}

// write takes the worker's turn to write what is sealed and next in order, unless another one has it: that one will
// find it. So most batches are written by the core that has just sealed them, whose cache has them.
func (p *pipe) write(ctx context.Context) {
	told := p.sealed.Add(1)
	if told > 1 {
		return
	}
	for told > 0 {
		for b := p.ready(); b != nil; b = p.ready() {
			p.head = nil
			if err := p.w.writeBatch(ctx, b); err != nil {
				p.stop(err)
			}
			p.underway.give(b.size)
			p.spare.put(b)
		}
		told = p.sealed.Add(-told)
	}
}

// ready returns the batch that is next in order, nil if it is not sealed yet.
func (p *pipe) ready() *batch {
	if p.head == nil {
		select {
		case p.head = <-p.ordered:
		default:
			return nil
		}
	}
	if !p.head.sealed.Load() {
		return nil
	}
	return p.head
}
