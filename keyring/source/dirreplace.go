package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"

	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/internal/filelock"
)

// replacing is what a Directory holds from the first Replace to Flush.
type replacing struct {
	root   durable.Root
	unlock func()
	dirty  map[place]bool // folders that are to be synced
	path   place          // of dir
	dir    durable.Root   // the folder of the last Replace: the next one is likely to be in it too
}

// maxDirty is how many folders wait to be synced.
const maxDirty = 100

// Replace puts sealed into the file of rec, in the encoding that it has.
func (d *Directory) Replace(ctx context.Context, rec Record, sealed []byte) error {
	p, err := parseCursor(rec.Cursor)
	if err != nil {
		return err
	}
	err = d.replace(ctx, p, rec.Sealed, sealed)
	if concernsAll(err) {
		return fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	return err
}

// concernsAll reports whether an error of the system is one that every file there would meet.
func concernsAll(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS)
}

func (d *Directory) replace(ctx context.Context, p place, old, sealed []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	work, err := d.begin(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	at, name := p.split()
	if len(work.dirty) == maxDirty && !work.dirty[at] {
		if err := work.sync(d.open); err != nil {
			return err
		}
	}
	dir, err := work.folder(at)
	if err == nil {
		err = d.replaceIn(d.open(dir), name, old, sealed)
	}
	if isGone(err) {
		return ErrChanged
	}
	if err == nil {
		work.dirty[at] = true
	}
	return err
}

func (d *Directory) replaceIn(dir folder, name string, old, sealed []byte) error {
	found, err := d.read(dir, name)
	if errors.Is(err, ErrNoMessage) || errors.Is(err, durable.ErrLink) {
		return ErrChanged
	}
	if err != nil {
		return err
	}
	if !bytes.Equal(found.msg, old) {
		return ErrChanged
	}
	next := found.encoding.append(nil, sealed)
	temp, err := durable.Stage(dir, stagedAs(name), next, found.attr)
	if err != nil {
		return err
	}
	return swap(dir, temp, name, sumOf(found.content), sumOf(next))
}

// begin takes the lock, unless this Directory has it.
func (d *Directory) begin(ctx context.Context) (*replacing, error) {
	if d.work != nil {
		return d.work, nil
	}
	root, err := durable.OpenRoot(d.root)
	if err != nil {
		return nil, err
	}
	info, err := root.Stat(".")
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	unlock, err := filelock.LockFor(ctx, filepath.Join(d.root, lockName), info.Owner)
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	d.work = &replacing{root: root, unlock: unlock, dirty: make(map[place]bool)}
	return d.work, nil
}

// folder returns the folder at p, which stays open until the next call.
func (w *replacing) folder(p place) (durable.Root, error) {
	if w.dir.Root != nil && w.path == p {
		return w.dir, nil
	}
	dir, err := w.root.Sub(filepath.FromSlash(string(p)))
	if err != nil {
		return dir, err
	}
	w.closeFolder()
	w.path, w.dir = p, dir
	return dir, nil
}

func (w *replacing) closeFolder() {
	if w.dir.Root != nil {
		w.dir.Close() // only names were looked up in it
		w.dir.Root = nil
	}
}

// sync makes the names in all folders durable in which something was replaced. One that was taken away needs none.
func (w *replacing) sync(open func(durable.Root) folder) error {
	for p := range w.dirty {
		err := open(w.root).SyncDir(filepath.FromSlash(string(p)))
		if err != nil && !isGone(err) {
			return fmt.Errorf("folder %s: %w: %w", p.where(), durable.ErrUnsynced, err)
		}
		delete(w.dirty, p)
	}
	return nil
}

// Flush syncs the folders in which something was replaced, and takes away what a killed rekey left, where a walk has
// met it.
func (d *Directory) Flush(ctx context.Context) error {
	left := d.takeLeft()
	if d.work == nil && len(left) == 0 {
		return nil
	}
	work, err := d.begin(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, path := range left {
		at, name := place(path).split()
		dir, err := work.folder(at)
		if err == nil {
			err = clean(d.open(dir), name)
		}
		if err != nil && !isGone(err) {
			errs = append(errs, fmt.Errorf("left over from a killed rekey: %w", err))
		}
	}
	errs = append(errs, work.sync(d.open), d.Close())
	return errors.Join(errs...)
}

func (d *Directory) takeLeft() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var left []string
	for path := range d.left {
		left = append(left, path)
	}
	clear(d.left)
	return left
}

// Close gives the lock back. What was replaced and not flushed is there, and may be gone after a power cut.
func (d *Directory) Close() error {
	if d.work == nil {
		return nil
	}
	d.work.closeFolder()
	d.work.unlock()
	err := d.work.root.Close()
	d.work = nil
	return err
}
