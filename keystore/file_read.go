package keystore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/sealwax/sealwax/internal/durable"
)

// Read returns the bytes of the file, of at most MaxSize, once they are durable. Without the file or its directory it
// returns ErrNotFound, and says which of the two is missing.
func (f *File) Read(ctx context.Context) ([]byte, error) {
	data, err := f.read(ctx)
	if err != nil {
		return nil, fmt.Errorf("keystore: read %s: %w", f.path, err)
	}
	return data, nil
}

func (f *File) read(ctx context.Context) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	target, err := f.target()
	if err != nil {
		return nil, f.explainUnreadable(f.path, err)
	}
	file, info, err := f.open(target)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := readAll(file)
	if err != nil {
		return nil, err
	}
	if last := f.settled.Load(); last != nil && *last == (settled{stampOf(info), DigestOf(data)}) {
		return data, nil
	}
	// The writer of these bytes may not have come to its own sync of the directory yet, and whoever copied a backup into
	// place synced nothing at all. Sync the file first: a durable name of an empty file would be no keystore.
	if err := file.Sync(); err != nil {
		return nil, err
	}
	if err := f.fs.SyncDir(filepath.Dir(target)); err != nil {
		return nil, notDurable(err)
	}
	return data, nil
}

// settled is a generation that is durable without another sync: it was when this File had written it, and the file has
// not been changed, renamed or linked since, or its stamp would differ. So who reads back what they wrote pays for one
// sync of each kind, not for two.
type settled struct {
	stamp  string
	digest Digest
}

// notDurable explains why a reader wants read permission for the directory.
func notDurable(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("cannot make sure that it is durable without read permission for its directory: %w", err)
	}
	return err
}

// open opens target for reading, if it is a file that nobody else can change.
func (f *File) open(target string) (durable.File, durable.Info, error) {
	file, err := f.fs.Open(target)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, durable.Info{}, ErrNotFound
	}
	if err != nil {
		return nil, durable.Info{}, f.explainUnreadable(target, err)
	}
	info, err := file.Stat()
	if err == nil {
		err = f.acceptable(target, info)
	}
	if err != nil {
		file.Close()
		return nil, durable.Info{}, err
	}
	return file, info, nil
}

func (f *File) acceptable(target string, info durable.Info) error {
	switch {
	case info.Mode.IsDir():
		return errors.New("is a directory")
	case !info.Mode.IsRegular():
		return errors.New("is not a regular file")
	case info.Size > MaxSize:
		return tooLarge(info.Size)
	}
	if err := trustFile(target, info); err != nil {
		return err
	}
	return f.trustPlace(target, info.Owner)
}

func readAll(file durable.File) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(file, MaxSize+1)) // it may have grown since the stat
	if err == nil && len(data) > MaxSize {
		err = tooLarge(int64(len(data)))
	}
	return data, err
}

func tooLarge(size int64) error {
	return fmt.Errorf("%d bytes are more than a keystore's limit of %d", size, MaxSize)
}

// Stamp returns device, inode, size and times of the file, from one stat. Writers of this package set the time of
// modification to the nanosecond, so that two generations differ in it even within one tick of the kernel's clock.
func (f *File) Stamp(ctx context.Context) (string, error) {
	err := ctx.Err()
	var info durable.Info
	if err == nil {
		info, err = f.fs.Stat(f.path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("keystore: stat %s: %w", f.path, err)
	}
	return stampOf(info), nil
}

func stampOf(info durable.Info) string {
	return fmt.Sprintf("%d-%d-%d-%d-%d", info.Device, info.Inode, info.Size,
		info.Modified.UnixNano(), info.Changed.UnixNano())
}
