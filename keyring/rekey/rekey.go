package rekey

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
)

// Run re-seals what src has under other keys than the active one of ring, which it refreshes first. The Report is never
// nil: it says what was done, also where an error, or the end of ctx, ended the run early. Failed records are no error.
//
// Ring and source stay the caller's, and may be used meanwhile, but for Replace, Flush and Close of src.
func Run(ctx context.Context, ring *keyring.Ring, src source.Source, o *Options) (*Report, error) {
	opts, err := o.complete()
	if err != nil {
		return &Report{}, fmt.Errorf("rekey: %w", err)
	}
	return start(ctx, ring, src, opts)
}

// A sealer is what a run needs of a ring.
type sealer interface {
	Refresh(ctx context.Context) error
	ActiveKey() (keystore.ID, error)
	Lease() time.Duration
	Open(dst, msg []byte, where keyring.Binding) ([]byte, error)
	Seal(dst, plaintext []byte, where keyring.Binding) ([]byte, error)
}

// A run is what reader, workers and writer of a Run share.
type run struct {
	ring   sealer
	src    source.Source
	opts   Options
	asking turn // of the one who waits for the ring to seal again
}

func start(ctx context.Context, ring sealer, src source.Source, opts Options) (*Report, error) {
	w := newWriter(&run{ring: ring, src: src, opts: opts, asking: newTurn()})
	defer w.timer.Stop()
	err := w.await(ctx)
	if err == nil {
		err = w.carry(ctx)
	}
	opts.OnProgress(w.progress())
	if err != nil {
		err = fmt.Errorf("rekey %s: %w", src, err)
	}
	return w.report(), err
}

// carry takes the whole source through passes: one, and another from the last flush whenever somebody else's write cost
// what was to be flushed. At last it looks again at single records that somebody else wrote.
func (w *writer) carry(ctx context.Context) error {
	w.begin(ctx)
	for {
		err := w.pass(ctx)
		switch {
		case err == nil:
			return w.again(ctx)
		case !errors.Is(err, errOverrun) || ctx.Err() != nil:
			return err
		}
	}
}

// pass carries the records behind the cursor through reader, workers and writer, and flushes: also after ctx has ended, so
// that no work is lost. No goroutine is left when it returns. Its error is what ended the walk, or all of it.
func (w *writer) pass(ctx context.Context) error {
	within, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	p := newPipe(w, stop)
	p.carry(within, w.tally.cursor)
	if within.Err() != nil {
		p.walk = context.Cause(within)
	}
	if !errors.Is(p.walk, source.ErrUnwritable) {
		w.flusher.pending = !w.opts.DryRun // also without: a source may have to tidy up after a run that was killed
	}
	flushed := w.flush(context.WithoutCancel(ctx))
	if errors.Is(flushed, source.ErrUnwritable) {
		return flushed // which says the same once more
	}
	return errors.Join(p.walk, flushed)
}
