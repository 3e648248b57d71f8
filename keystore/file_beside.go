package keystore

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/sealwax/sealwax/internal/durable"
)

// Beside returns the store of a side file of the keystore in f, at its path with suffix. It is a File like f, with its
// own lock and under the same rules, but keeps no generation before the current one, which RemovePrevious then has
// nothing to do with. A new one gets owner and mode of the keystore, so that root does not make one that its service
// cannot read.
func (f *File) Beside(suffix string) *File {
	return &File{path: f.path + suffix, fs: f.fs, main: f.path}
}

// SetAside gives the file, if its digest is still the given one, a name of its own beside, and returns that. Nothing is
// in the store then. It is for a side file that is damaged, before another one is begun in its place. It waits as Write
// does.
func (f *File) SetAside(ctx context.Context, digest Digest) (where string, err error) {
	err = f.locked(ctx, func(target string) error {
		found, err := f.current(target)
		if err != nil {
			return err
		}
		if found.digest != digest {
			return conflict(found.digest, digest)
		}
		where = target + ".damaged-" + digest.String()[:8]
		if err := f.fs.Rename(target, where); err != nil {
			return err
		}
		return f.fs.SyncDir(filepath.Dir(target))
	})
	if err != nil {
		return "", fmt.Errorf("keystore: set aside %s: %w", f.path, err)
	}
	return where, nil
}

// fresh returns the owner and the mode that a new file gets.
func (f *File) fresh() durable.Attr {
	own := durable.Attr{Mode: 0o600, Owner: durable.Unowned}
	if f.main == "" {
		return own
	}
	info, err := f.fs.Stat(f.main)
	if err != nil || !info.Mode.IsRegular() {
		return own // then it is beside nothing, and belongs to whoever asks
	}
	return info.Attr()
}

// lockOwner returns to whom root gives the lock of target.
func (f *File) lockOwner(target string) durable.Owner {
	if owner := f.owner(target); owner != durable.Unowned {
		return owner
	}
	return f.fresh().Owner
}
