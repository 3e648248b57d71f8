package rekey

import (
	"context"
	"errors"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
)

// errUnproven is why a message is not replaced that Verify did not open.
var errUnproven = errors.New("what was sealed for it does not open as what it was: do not trust this machine's processor and memory")

// A worker opens and seals. Its buffers are used for one message after the other, and cleared with [worker.forget].
type worker struct {
	*run
	plain, proof []byte
	verify       bool // the next message that is sealed
	looked       bool // at the store, since this batch was read
}

// sealAll gives each record of b a verdict, up to an error of the ring.
func (w *worker) sealAll(ctx context.Context, b *batch) (err error) {
	defer w.forget()
	w.verify, w.looked = true, false
	b.makeRoom()
	for i := range b.items {
		if b.out, err = w.settle(ctx, b.out, &b.items[i]); err != nil {
			return err
		}
	}
	return nil
}

// sealOne is sealAll for a record by itself.
func (w *worker) sealOne(ctx context.Context, it *item) error {
	defer w.forget()
	w.verify, w.looked = true, false
	_, err := w.settle(ctx, nil, it)
	return err
}

// settle gives it a verdict, and appends what is to replace it to out. Its error is one of the ring, and no verdict.
func (w *worker) settle(ctx context.Context, out []byte, it *item) ([]byte, error) {
	id, err := keyOf(it)
	switch {
	case err == nil:
	case isNoMessage(err) && len(w.opts.Keys) > 0:
		it.verdict = other // it is of none of the keys that are asked for
		return out, nil
	default:
		it.fail(err)
		return out, nil
	}
	active, err := w.activeKey(ctx)
	if err != nil {
		return out, err
	}
	switch {
	case id == active:
		it.verdict = current
	case !w.opts.wants(id):
		it.verdict = other
	default:
		return w.reseal(ctx, out, it)
	}
	return out, nil
}

// keyOf returns the key that it is sealed with.
func keyOf(it *item) (keystore.ID, error) {
	if it.Err != nil {
		return keystore.ID{}, it.Err
	}
	return keyring.MessageKey(it.Sealed)
}

// isNoMessage reports whether err is about what no key has sealed.
func isNoMessage(err error) bool {
	return errors.Is(err, source.ErrNoMessage) || errors.Is(err, keyring.ErrFormat)
}

// reseal opens it and appends it to out, sealed.
func (w *worker) reseal(ctx context.Context, out []byte, it *item) ([]byte, error) {
	w.plain = room(w.plain, len(it.Sealed))
	plain, err := w.ring.Open(w.plain, it.Sealed, it.Place)
	switch {
	case err == nil:
	case errors.Is(err, keyring.ErrClosed):
		return out, err
	case errors.Is(err, keyring.ErrUnknownKey) && !w.looked:
		// It may be a new key of another process. All records of the batch were read before, so one look does for them.
		w.looked = true
		if refreshed := w.ring.Refresh(ctx); refreshed != nil {
			it.fail(errors.Join(err, refreshed))
			return out, nil
		}
		return w.settle(ctx, out, it)
	default:
		it.fail(err)
		return out, nil
	}
	it.verdict = resealed
	if w.opts.DryRun {
		return out, nil
	}
	return w.seal(ctx, out, it, plain)
}

// seal appends plain to out, sealed for the place of it.
func (w *worker) seal(ctx context.Context, out []byte, it *item, plain []byte) ([]byte, error) {
	all, err := w.ring.Seal(out, plain, it.Place)
	for err != nil {
		if err := w.revive(ctx, err); err != nil {
			return out, err
		}
		all, err = w.ring.Seal(out, plain, it.Place)
	}
	it.sealed = all[len(out):]
	it.key, _ = keyring.MessageKey(it.sealed)
	if (w.verify || w.opts.Verify) && !w.opensAs(it, plain) {
		it.fail(errUnproven)
		return out, nil
	}
	w.verify = false
	return all, nil
}

// opensAs reports whether what it was sealed as opens, as plain.
func (w *worker) opensAs(it *item, plain []byte) bool {
	w.proof = room(w.proof, len(it.sealed))
	proof, err := w.ring.Open(w.proof, it.sealed, it.Place)
	return err == nil && same(proof, plain)
}

// forget clears what the worker has of plaintexts, and lets go of what only a long one needed.
func (w *worker) forget() {
	w.plain, w.proof = wiped(w.plain), wiped(w.proof)
}

func wiped(b []byte) []byte {
	clear(b[:cap(b)])
	if cap(b) > 2*batchBytes {
		return nil
	}
	return b
}

// room returns an empty slice with room for n bytes: b, or one in its place, with b cleared.
func room(b []byte, n int) []byte {
	if cap(b) < n {
		clear(b[:cap(b)])
		return make([]byte, 0, n)
	}
	return b[:0]
}
