package keyring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// A change edits the next generation of the keystore. It returns the root that seals and signs it, which is the one it
// was given unless it makes a new one. It may be called again, when another writer was faster, or when the signing keys for
// a key that it adds had yet to be made.
type change func(next *keystore.Contents, held *root) (*root, error)

// commit writes a new generation: the store first, memory second. What is in memory afterwards was read back from the
// store, so no key ever exists only in memory. On a conflict it takes over the other writer's generation and tries once
// more.
//
// done, which may be nil, is called once it is written, before another writer can begin.
func (r *Ring) commit(ctx context.Context, edit change, done func()) (*state, error) {
	var made spares
	defer made.clear()
	s, err := r.commitMaking(ctx, edit, done, &made)
	if !errors.Is(err, keystore.ErrConflict) {
		return s, err
	}
	if err := r.Refresh(ctx); err != nil {
		return nil, fmt.Errorf("after a conflict: %w", err)
	}
	return r.commitMaking(ctx, edit, done, &made)
}

// commitMaking is commitOnce, with as many spares as edit asks for. They are made between two attempts: an RSA key takes a
// tenth of a second, for which no other writer of the ring shall wait.
func (r *Ring) commitMaking(ctx context.Context, edit change, done func(), made *spares) (*state, error) {
	for {
		s, err := r.commitOnce(ctx, edit, done, made)
		if !errors.Is(err, errNoSpare) {
			return s, err
		}
		if err := made.makeOne(r.opts.Signing); err != nil {
			return nil, err
		}
	}
}

func (r *Ring) commitOnce(ctx context.Context, edit change, done func(), made *spares) (*state, error) {
	r.writing.Lock()
	defer r.writing.Unlock()
	made.taken = 0
	r.spares = made
	defer func() { r.spares = nil }()
	held, err := r.writable()
	if err != nil {
		return nil, err
	}
	c := held.contents.Next(held.digest)
	c.Written = r.written(c.Written)
	root, err := edit(c, held.root)
	if err != nil {
		return nil, err
	}
	s, err := r.prepareAndWrite(ctx, c, root, held)
	if err != nil && root != held.root {
		root.close()
	}
	if err == nil && done != nil {
		done()
	}
	return s, err
}

func (r *Ring) prepareAndWrite(ctx context.Context, c *keystore.Contents, root *root, held *state) (*state, error) {
	next, err := prepare(c, root, held)
	if err != nil {
		return nil, err
	}
	return r.write(ctx, held.digest, next)
}

// written returns the time of the next generation: now, but never before that of the previous one. The format wants
// times in order, and a clock that was set back must not keep the ring from writing.
func (r *Ring) written(prev time.Time) time.Time {
	now := r.opts.now()
	if !now.Before(prev) {
		return now
	}
	if prev.Sub(now) > 24*time.Hour {
		r.opts.Logger.Warn("keyring: the keystore was written by a clock that is far ahead of this one", "keystore", prev, "now", now)
	}
	return prev
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
	if s.active == nil && (prev == nil || prev.active != nil) { // where nobody can seal, what mends it may take two writes
		return generation{}, fmt.Errorf("refusing to write: %w", within{ErrNoActiveKey})
	}
	return generation{s, data}, nil
}

// write puts next in the store in place of the generation with digest prev, and shows it to readers once it was read
// back.
func (r *Ring) write(ctx context.Context, prev keystore.Digest, next generation) (*state, error) {
	readAt := time.Now()
	if err := r.put(ctx, prev, next); err != nil {
		return nil, fmt.Errorf("write generation %d: %w", next.contents.Generation, err)
	}
	if took := time.Since(readAt); took > r.opts.ClockSkew {
		// Others have read the generation before until now, and go on with it for their lease from then.
		r.opts.Logger.Warn("keyring: a write took longer than Options.ClockSkew: wait so much longer before a census by which a key is destroyed",
			"generation", next.contents.Generation, "took", rounded(took))
	}
	// The store may already hold a successor of next, which a later refresh takes over: next itself was durable.
	return next.state, r.adopt(next.state, readAt, "")
}
