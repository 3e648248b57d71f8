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

// settleTimeout bounds the read that settles a write. That read must not be cut short with the caller's context: the
// outcome would stay unknown for no reason.
const settleTimeout = 10 * time.Second

// put writes next in the place of the generation with digest prev, and returns once it was read back.
func (r *Ring) put(ctx context.Context, prev keystore.Digest, next generation) error {
	err := r.store.Write(ctx, prev, next.data)
	if err != nil && !errors.Is(err, keystore.ErrOutcomeUnknown) {
		return err
	}
	return r.readBack(ctx, prev, next, err)
}

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
		return errors.New("the store reported success, and holds what it held before")
	}
	return fmt.Errorf("the store holds what it held before: %w", writeErr)
}
