package source

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"path/filepath"

	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/internal/filelock"
)

// rewriting is the copy of a file that is being written, from the first Replace to Flush.
type rewriting struct {
	root   durable.Root
	dir    folder // of root
	name   string // of the file in it
	unlock func()

	file durable.File // that is copied
	info durable.Info // what it was when the copy began
	in   *lineReader
	was  hash.Hash // of what was read of it

	staging *durable.Staging
	out     *bufio.Writer
	becomes hash.Hash // of what was written

	replaced int
	line     []byte // the last one that was replaced; the next is made in it
	broken   error  // why the copy is of no use
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

func (w *rewriting) begin(ctx context.Context, lock string, max int64) error {
	info, err := w.dir.Lstat(w.name)
	if err != nil {
		return err
	}
	if w.unlock, err = filelock.LockFor(ctx, lock, info.Owner); err != nil {
		return err
	}
	if err := w.clean(); err != nil {
		return fmt.Errorf("left over from a killed rekey: %w", err)
	}
	if w.file, err = w.dir.Open(w.name); err != nil {
		return err
	}
	if w.info, err = w.file.Stat(); err != nil {
		return err
	}
	if !w.info.Mode.IsRegular() {
		return fmt.Errorf("%s %w", w.name, errNoFile)
	}
	w.was, w.becomes = sha256.New(), sha256.New()
	w.in = newLineReader(io.TeeReader(w.file, w.was), max)
	if w.staging, err = durable.Begin(w.dir, stagedAs(w.name), w.info.Attr()); err != nil {
		return err
	}
	w.out = bufio.NewWriterSize(io.MultiWriter(w.staging, w.becomes), 1<<18)
	return nil
}

// clean takes away what killed rekeys of this file have left.
func (w *rewriting) clean() error {
	left, err := w.left()
	for _, name := range left {
		err = errors.Join(err, clean(w.dir, name))
	}
	return err
}

// left returns what killed rekeys of this file have left, or one that is at work.
func (w *rewriting) left() (names []string, err error) {
	all, err := w.dir.ReadDir(".")
	for _, name := range all {
		if of, ok := leftover(name); ok && of == w.name {
			names = append(names, name)
		}
	}
	return names, err
}

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

// copyLines copies up to line n, or to the end.
func (w *rewriting) copyLines(ctx context.Context, n int64) error {
	for w.in.n < n {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := w.in.copyTo(w.out)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return w.breaks(err)
		}
	}
	return nil
}

// breaks notes an error that makes the copy useless, so that Flush does not pass over what was replaced before.
func (w *rewriting) breaks(err error) error {
	if err == nil || errors.Is(err, ErrChanged) {
		return err
	}
	w.broken = fmt.Errorf("%w: %w", ErrUnwritable, err)
	return w.broken
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

func (w *rewriting) flush(ctx context.Context) error {
	if w.broken != nil || w.replaced == 0 {
		return w.broken
	}
	if err := w.copyLines(ctx, math.MaxInt64); err != nil {
		return err
	}
	if err := w.out.Flush(); err != nil {
		return err
	}
	staging := w.staging
	w.staging = nil
	temp, err := staging.End()
	if err != nil {
		return err
	}
	// This look only spares a file that has changed the exchange: the sum is what decides.
	if now, err := w.dir.Lstat(w.name); err != nil || now != w.info {
		durable.Discard(w.dir, temp)
		return ErrChanged
	}
	if err := swap(w.dir, temp, w.name, newSum(w.was.Sum(nil)), newSum(w.becomes.Sum(nil))); err != nil {
		return err
	}
	if err := w.dir.SyncDir("."); err != nil {
		return fmt.Errorf("%w: %w", durable.ErrUnsynced, err)
	}
	return nil
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

// close lets go of what there is, of a copy that may not have begun.
func (w *rewriting) close() error {
	if w.staging != nil {
		w.staging.Discard() // nobody misses what could not be written to it
	}
	if w.file != nil {
		w.file.Close() // opened for reading
	}
	if w.unlock != nil {
		w.unlock()
	}
	return w.root.Close()
}
