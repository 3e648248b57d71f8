package keyring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// A change edits the next generation of the keystore. It returns the root that seals and signs it, which is the one it
// was given unless it makes a new one. It may be called twice, when another writer was faster.
type change func(next *keystore.Contents, held *root) (*root, error)

// commit writes a new generation: the store first, memory second. What is in memory afterwards was read back from the
// store, so no key ever exists only in memory. On a conflict it takes over the other writer's generation and tries once
// more.
func (r *Ring) commit(ctx context.Context, edit change) (*state, error) {
	s, err := r.commitOnce(ctx, edit)
	if !errors.Is(err, keystore.ErrConflict) {
		return s, err
	}
	if err := r.Refresh(ctx); err != nil {
		return nil, fmt.Errorf("after a conflict: %w", err)
	}
	return r.commitOnce(ctx, edit)
}

func (r *Ring) commitOnce(ctx context.Context, edit change) (*state, error) {
	r.writing.Lock()
	defer r.writing.Unlock()
	held, err := r.writable()
	if err != nil {
		return nil, err
	}
	c := held.contents.Next(held.digest)
	c.Written = later(r.opts.now(), c.Written)
	root, err := edit(c, held.root)
	if err != nil {
		return nil, err
	}
	next, err := prepare(c, root, held)
	if err != nil {
		return nil, err
	}
	return r.write(ctx, held.digest, next)
}

// later returns now, but never a time before prev: a clock that was set back must not keep the ring from writing, since
// the format wants times in order.
func later(now, prev time.Time) time.Time {
	if now.Before(prev) {
		return prev
	}
	return now
}

// writable returns the state that a write starts from.
func (r *Ring) writable() (*state, error) {
	s := r.state.Load()
	switch {
	case s.closed:
		return nil, ErrClosed
	case r.opts.ReadOnly:
		return nil, ErrReadOnly
	}
	return s, nil
}

// generation is a state together with the bytes that say the same.
type generation struct {
	*state
	data []byte
}

// prepare signs c and makes a state of it by reading back the bytes: what this program could not read is never written.
func prepare(c *keystore.Contents, root *root, prev *state) (generation, error) {
	data, err := keystore.Append(nil, c, root.identity.sign)
	if err != nil {
		return generation{}, err
	}
	parsed, err := keystore.Parse(data)
	if err != nil {
		return generation{}, fmt.Errorf("refusing to write what would not read back: %w", err)
	}
	s := newState(parsed, keystore.DigestOf(data), root, prev)
	if s.active == nil {
		return generation{}, fmt.Errorf("refusing to write: %w", ErrNoActiveKey)
	}
	return generation{s, data}, nil
}

// write puts next in the store in place of the generation with digest prev, and shows it to readers once it was read
// back.
func (r *Ring) write(ctx context.Context, prev keystore.Digest, next generation) (*state, error) {
	readAt := time.Now()
	writeErr := r.store.Write(ctx, prev, next.data)
	if writeErr != nil && !errors.Is(writeErr, keystore.ErrOutcomeUnknown) {
		return nil, fmt.Errorf("write generation %d: %w", next.contents.Generation, writeErr)
	}
	if err := r.readBack(ctx, prev, next, writeErr); err != nil {
		return nil, fmt.Errorf("write generation %d: %w", next.contents.Generation, err)
	}
	// The store may already hold a successor of next, which a later refresh takes over: next itself was durable.
	return next.state, r.adopt(next.state, readAt, "")
}

// settleTimeout bounds the read that settles a write. That read must not be cut short with the caller's context: the
// outcome would stay unknown for no reason.
const settleTimeout = 10 * time.Second

// readBack reports whether next reached the store: nil if it did, writeErr or a conflict if it did not, and an unknown
// outcome if there is no telling.
func (r *Ring) readBack(ctx context.Context, prev keystore.Digest, next generation, writeErr error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	data, err := r.store.Read(ctx)
	switch {
	case errors.Is(err, keystore.ErrNotFound) && prev.IsZero():
		return errNotWritten(writeErr)
	case err != nil:
		return fmt.Errorf("%w: reading back: %w", keystore.ErrOutcomeUnknown, err)
	case bytes.Equal(data, next.data):
		return nil
	case keystore.DigestOf(data) == prev:
		return errNotWritten(writeErr)
	}
	found, err := keystore.Parse(data)
	if err != nil {
		return fmt.Errorf("reading back: %w", err)
	}
	if !slices.Contains(found.History, next.digest) {
		return fmt.Errorf("reading back: %w", keystore.ErrConflict)
	}
	return nil
}

// errNotWritten is the error of a write that left the previous generation in place. A store that reported success is
// broken.
func errNotWritten(writeErr error) error {
	if writeErr == nil {
		return errors.New("the store reported success, but holds what it held before")
	}
	return fmt.Errorf("not written: %v", writeErr)
}
