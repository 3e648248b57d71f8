package census

import (
	"context"
	"errors"
	"fmt"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
)

// A worker opens messages, one after the other, into one buffer.
type worker struct {
	*engine
	*tally
	buf []byte // what was opened last; the next overwrites it
}

func (w *worker) clear() { clear(w.buf[:cap(w.buf)]) }

// open counts one record and opens its message.
func (w *worker) open(ctx context.Context, rec *source.Record) (keystore.ID, error) {
	if rec.Err != nil {
		if !errors.Is(rec.Err, source.ErrNoMessage) {
			w.unread++
		}
		return keystore.ID{}, rec.Err
	}
	id, err := keyring.MessageKey(rec.Sealed)
	if err != nil {
		return id, err
	}
	w.add(id, len(rec.Sealed))
	err = w.try(rec)
	if !errors.Is(err, keyring.ErrUnknownKey) {
		return id, err
	}
	if lookErr := w.lookFor(ctx, id); lookErr != nil {
		return id, fmt.Errorf("%w, as of the last look at the keystore: %w", err, lookErr)
	}
	return id, w.try(rec)
}

func (w *worker) try(rec *source.Record) error {
	out, err := w.ring.Open(w.buf[:0], rec.Sealed, rec.Place)
	if err != nil {
		return err
	}
	if cap(out) > cap(w.buf) {
		w.clear()
	}
	w.buf = out
	return nil
}
