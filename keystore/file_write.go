package keystore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/sealwax/sealwax/internal/durable"
)

// Write replaces the file, if its digest is prev, and keeps owner, group and mode; a new file belongs to the process and
// has mode 0600. The generation that it replaces stays at PreviousPath. It waits for other writers as long as ctx allows,
// at most 30 s.
func (f *File) Write(ctx context.Context, prev Digest, data []byte) error {
	err := f.locked(ctx, func(target string) error { return f.swap(target, prev, data) })
	if err != nil {
		return fmt.Errorf("keystore: write %s: %w", f.path, err)
	}
	return nil
}

// RemovePrevious removes the file at PreviousPath, durably, and with it what killed writers left of older generations.
// The bytes may still be on the disk, where only root can find them.
func (f *File) RemovePrevious(ctx context.Context) error {
	err := f.locked(ctx, func(target string) error {
		if err := f.sweep(target); err != nil {
			return err
		}
		if err := f.fs.Remove(target + prevSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		// Also when there was none: whoever removed it may not have come to the sync.
		return f.fs.SyncDir(filepath.Dir(target))
	})
	if err != nil {
		return fmt.Errorf("keystore: remove the previous generation of %s: %w", f.path, err)
	}
	return nil
}

// locked calls do with the file that the path leads to, under its lock.
func (f *File) locked(ctx context.Context, do func(target string) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	target, err := f.target()
	if err != nil {
		return err
	}
	if err := f.trustBeside(target); err != nil {
		return err
	}
	unlock, err := f.fs.Lock(ctx, target+lockSuffix, f.lockOwner(target))
	if err != nil {
		return f.explain(target, err)
	}
	defer unlock()
	return f.explain(target, do(target))
}

func (f *File) swap(target string, prev Digest, data []byte) error {
	if len(data) > MaxSize {
		return tooLarge(int64(len(data)))
	}
	current, err := f.current(target)
	if err != nil {
		return err
	}
	if current.digest != prev {
		return conflict(current.digest, prev)
	}
	if err := f.sweep(target); err != nil {
		return err
	}
	return f.replace(target, current, data)
}

func conflict(got, want Digest) error {
	switch {
	case got.IsZero():
		return fmt.Errorf("%w: it is gone", ErrConflict)
	case want.IsZero():
		return fmt.Errorf("%w: there is one already", ErrConflict)
	}
	return ErrConflict
}

// current is what stands at target: data, its digest, and who may use the file. Of no file the digest is zero.
type current struct {
	data   []byte
	digest Digest
	attr   durable.Attr
}

func (f *File) current(target string) (*current, error) {
	file, info, err := f.open(target)
	if errors.Is(err, ErrNotFound) {
		return &current{attr: f.fresh()}, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := readAll(file)
	return &current{data, DigestOf(data), info.Attr()}, err
}

// replace puts data in place of what is there. Whatever may need space or a permission comes first, and the new file
// gets its name last.
func (f *File) replace(target string, old *current, data []byte) error {
	next, err := durable.Stage(f.fs, target, data, old.attr)
	if err != nil {
		return err
	}
	if !old.digest.IsZero() && f.main == "" {
		if err := f.keep(target, old); err != nil {
			durable.Discard(f.fs, next)
			return err
		}
	}
	err = durable.Commit(f.fs, next, target)
	if errors.Is(err, durable.ErrUnsynced) {
		return fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
	}
	if err != nil {
		return err
	}
	if info, err := f.fs.Lstat(target); err == nil { // else the next Read syncs
		f.settled.Store(&settled{stampOf(info), DigestOf(data)})
	}
	return nil
}

// keep makes what is at target the previous generation.
func (f *File) keep(target string, old *current) error {
	// A link costs no sync of its own. The sync of the directory that makes the new generation durable is this one's too.
	err := durable.KeepAs(f.fs, target, target+prevSuffix)
	if errors.Is(err, durable.ErrNoLinks) {
		err = durable.Replace(f.fs, target+prevSuffix, old.data, old.attr)
	}
	if err != nil {
		return fmt.Errorf("keep the previous generation: %w", err)
	}
	return nil
}

// sweep removes the temporary files of writers that were killed. Under the lock there is no other kind.
func (f *File) sweep(target string) error {
	if err := durable.Sweep(f.fs, target); err != nil {
		return err
	}
	return durable.Sweep(f.fs, target+prevSuffix)
}
