package source

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/sealwax/sealwax/internal/durable"
)

// Replace writes sealed into the copy of the file, in the line of rec.
func (l *Lines) Replace(ctx context.Context, rec Record, sealed []byte) error {
	n, err := lineOf(rec.Cursor)
	if err != nil {
		return err
	}
	w, err := l.begin(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	if w.broken != nil {
		return w.broken
	}
	if n <= w.in.n {
		return fmt.Errorf("it is not behind line %d, which was there before", w.in.n)
	}
	if err := w.copyLines(ctx, n-1); err != nil {
		return err
	}
	b, err := w.in.next()
	if errors.Is(err, io.EOF) {
		return ErrChanged
	}
	if err != nil && !errors.Is(err, errLong) {
		return w.breaks(err)
	}
	now, parsed := l.record(n, b)
	if err != nil || now.Err != nil || now.Cursor != rec.Cursor || !bytes.Equal(parsed.sealed, rec.Sealed) {
		_, err := w.out.Write(b)
		return w.breaks(cmp.Or(err, w.in.rest(w.out), ErrChanged))
	}
	w.line = parsed.appendWith(w.line[:0], b, sealed)
	if _, err := w.out.Write(w.line); err != nil {
		return w.breaks(err)
	}
	w.replaced++
	return nil
}

// Flush copies the rest of the file and puts the copy in its place. Where there is nothing to put, it only looks once
// whether a killed rekey has left something.
func (l *Lines) Flush(ctx context.Context) error {
	if l.work != nil {
		l.looked = true // begin has
		return errors.Join(l.work.flush(ctx), l.Close())
	}
	if l.looked {
		return nil
	}
	w, _, err := l.beside()
	if err != nil {
		return err
	}
	left, err := w.left()
	if err = errors.Join(err, w.close()); err != nil {
		return err
	}
	if len(left) > 0 {
		if _, err := l.begin(ctx); err != nil {
			return err
		}
	}
	l.looked = true
	return l.Close()
}

// Close throws the copy away and gives the lock back.
func (l *Lines) Close() error {
	if l.work == nil {
		return nil
	}
	err := l.work.close()
	l.work = nil
	return err
}

// begin takes the lock and begins a copy, unless there is one.
func (l *Lines) begin(ctx context.Context) (*rewriting, error) {
	if l.work != nil {
		return l.work, nil
	}
	w, at, err := l.beside()
	if err != nil {
		return nil, err
	}
	if err := w.begin(ctx, filepath.Join(at, w.name)+lockName, l.max); err != nil {
		return nil, errors.Join(err, w.close())
	}
	l.work = w
	return w, nil
}

// beside opens the folder at which the file lies that the path leads to.
func (l *Lines) beside() (w *rewriting, at string, err error) {
	chain, err := durable.Follow(durable.OS{}, l.path)
	if err != nil {
		return nil, "", err
	}
	at, name := filepath.Split(chain[len(chain)-1])
	at = filepath.Clean(at)
	root, err := durable.OpenRoot(at)
	if err != nil {
		return nil, "", err
	}
	return &rewriting{root: root, dir: l.open(root), name: name}, at, nil
}
