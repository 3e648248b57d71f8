package rekey

import (
	"context"
	"errors"
)

// again looks once more at the records that somebody else wrote while they were sealed: by now they are under the
// active key, or else they are moved to it. That is a walk over the source, to the last of them. What is not met any
// more, or is written yet again, stays skipped.
func (w *writer) again(ctx context.Context) error {
	if len(w.tally.missed) == 0 {
		return nil
	}
	end := w.tally.cursor
	err := w.walkAgain(ctx)
	w.tally.cursor = end
	flushed := w.flush(context.WithoutCancel(ctx))
	if errors.Is(flushed, errOverrun) {
		flushed = nil // they are skipped, as they were
	}
	return errors.Join(err, flushed)
}

func (w *writer) walkAgain(ctx context.Context) error {
	missed := make(map[string]bool, len(w.tally.missed))
	for _, cursor := range w.tally.missed {
		missed[cursor] = true
	}
	for rec, err := range w.src.Records(ctx, w.tally.before) {
		if err != nil {
			return nil // the walk before this one came to its end: nothing is lost but a second look
		}
		if missed[rec.Cursor] {
			delete(missed, rec.Cursor)
			if err := w.secondTry(ctx, &item{Record: rec}); err != nil {
				return err
			}
		}
		if len(missed) == 0 {
			break
		}
	}
	return context.Cause(ctx)
}

// secondTry counts it, which is skipped, as what it is now.
func (w *writer) secondTry(ctx context.Context, it *item) error {
	was := w.tally
	w.tally.Records--
	w.tally.Skipped--
	err := w.worker.sealOne(ctx, it)
	if err == nil {
		err = w.write(ctx, it)
	}
	if err != nil {
		w.tally = was
	}
	return err
}
