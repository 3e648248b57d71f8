package rekey

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/sealwax/sealwax/keyring/source"
)

// tick is how often a writer looks at the clock.
const tick = 100 * time.Millisecond

// A writer replaces records in the order of the source, and counts what became of each. One goroutine at a time has it.
type writer struct {
	*run
	worker  worker        // for what has to be sealed by the writer itself
	ticked  atomic.Bool   // it is time to look
	timer   *time.Timer   // that says so
	pace    *rate.Limiter // nil for none
	flusher flusher
	tally   tally
	safe    tally // what it was at the last flush
	total   int64
}

func newWriter(r *run) *writer {
	t := tally{cursor: r.opts.After}
	w := &writer{run: r, worker: worker{run: r}, pace: r.opts.pace(), tally: t, safe: t}
	w.timer = time.AfterFunc(tick, func() { w.ticked.Store(true) })
	return w
}

// begin makes w ready for the first record.
func (w *writer) begin(ctx context.Context) {
	w.flusher = flusher{every: w.opts.FlushEvery, ended: time.Now()}
	if sizer, ok := w.src.(source.Sizer); ok && w.opts.After == "" {
		w.total, _ = sizer.Size(ctx) // without it nobody knows what remains, and that is all
	}
	w.opts.OnProgress(w.progress())
}

func (w *writer) writeBatch(ctx context.Context, b *batch) error {
	for i := range b.items {
		it := &b.items[i]
		if it.verdict == pending || ctx.Err() != nil {
			return nil // the pass is ending
		}
		if err := w.write(ctx, it); err != nil {
			return err
		}
		if err := w.pulse(ctx); err != nil {
			return err
		}
	}
	return nil
}

// write carries out the verdict of it. After an error, which ends the pass, it counts as not looked at.
func (w *writer) write(ctx context.Context, it *item) error {
	if it.verdict == resealed {
		if err := w.waitTurn(ctx); err != nil {
			return err
		}
		if !w.opts.DryRun {
			return w.replace(ctx, it)
		}
	}
	w.tally.add(it)
	return nil
}

// replace has the source replace it.
func (w *writer) replace(ctx context.Context, it *item) error {
	if err := w.renew(ctx, it); err != nil {
		return err
	}
	if it.verdict != resealed {
		w.tally.add(it)
		return nil
	}
	first := !w.flusher.pending
	w.flusher.pending = true // whatever an error says
	if first {
		defer w.flusher.opens(time.Now())
	}
	switch err := w.src.Replace(ctx, it.Record, it.sealed); {
	case err == nil:
		w.tally.add(it)
	case errors.Is(err, source.ErrChanged):
		w.tally.skip(it)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, source.ErrReadOnly), errors.Is(err, source.ErrUnwritable):
		w.flusher.pending = !first
		return fmt.Errorf("replace %s: %w", it.Where, err) // the next record would meet it too
	default:
		it.fail(fmt.Errorf("replace: %w", err))
		w.tally.add(it)
	}
	return nil
}

// renew seals it anew if it has waited so long that its key is not the active one any more: what a key seals must not
// appear later than the lease of its ring allows.
func (w *writer) renew(ctx context.Context, it *item) error {
	active, err := w.activeKey(ctx)
	if err != nil || it.key == active {
		return err
	}
	return w.worker.sealOne(ctx, it)
}

// pulse looks at the clock if it is time to: for each record that would cost a tenth of what the record costs.
func (w *writer) pulse(ctx context.Context) error {
	if !w.ticked.Load() {
		return nil
	}
	w.ticked.Store(false)
	w.timer.Reset(tick)
	return w.look(ctx)
}

// look does what is due.
func (w *writer) look(ctx context.Context) error {
	w.opts.OnProgress(w.progress())
	if !w.flusher.due(time.Now(), w.ring.Lease()) {
		return nil
	}
	return w.flush(ctx)
}
