package source

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"

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
