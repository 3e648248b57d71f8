// Package state keeps what was last seen of a keystore, apart from the keystore: whoever can put an old keystore back
// must not be able to put back with it what would give that away.
//
// It is one small file for each path of a keystore, in the folder that [Dir] finds, of mode 0600:
//
//	sealwax-seen/1
//	keystore 0197a4d2-7c1e-7bb0-9d5c-3f6f7f0e5a11
//	identity ed25519:MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=
//	epoch 1
//	generation 42
//	digest 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
//
// Beside it, [HealthFile] keeps what the last commands learned about the KEKs.
//
// The file only ever goes forwards, unless an operator accepts something else. Without it there is no rollback
// detection, and nothing else is lost.
package state

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/internal/filelock"
	"github.com/sealwax/sealwax/internal/shell"
	"github.com/sealwax/sealwax/keystore"
)

// File is where what was last seen of one keystore is kept. Its methods may be called concurrently, also from several
// processes.
type File struct {
	path     string
	keystore string // its path
}

// Open returns the file in dir for the keystore at a path. It does no I/O, and neither needs to exist.
func Open(dir, keystorePath string) (*File, error) {
	path, keystore, err := pathIn(dir, keystorePath, ".seen")
	return &File{path, keystore}, err
}

// pathIn returns the path of a file in dir for a keystore, and that of the keystore made absolute.
//
// The name is the hash of the keystore's absolute path, as it was given: were symbolic links followed, whoever
// can set one could choose another name, and with it an empty memory.
func pathIn(dir, keystorePath, suffix string) (path, keystore string, err error) {
	abs, err := filepath.Abs(keystorePath)
	if err != nil {
		return "", "", fmt.Errorf("state: %w", err)
	}
	sum := sha256.Sum256([]byte(abs))
	return filepath.Join(dir, hex.EncodeToString(sum[:16])+suffix), abs, nil
}

// Path returns the path of the file.
func (f *File) Path() string { return f.path }

// Load returns what was last seen, the zero Seen if that is nothing. A damaged file is an error that says how to go on.
func (f *File) Load() (keystore.Seen, error) {
	data, err := read(f.path, maxSize)
	if errors.Is(err, fs.ErrNotExist) {
		return keystore.Seen{}, nil
	}
	if err != nil {
		return keystore.Seen{}, fmt.Errorf("state: %w", err)
	}
	seen, err := parse(data)
	if err != nil {
		return keystore.Seen{}, fmt.Errorf("state: %s: %w; it remembers which generation of %s was last seen, so that an "+
			"older one is noticed; make sure that the keystore is the newest, then forget what was seen: rm %s",
			f.path, err, f.keystore, shell.Path(f.path))
	}
	return seen, nil
}

// Save remembers seen, unless a newer generation of the same keystore is remembered already: another command was faster.
// It refuses another keystore, and another generation of the same number: that takes an [File.Accept].
func (f *File) Save(ctx context.Context, seen keystore.Seen) error {
	return f.update(ctx, seen, func() (bool, error) {
		last, err := f.Load()
		if err != nil || last.ID.IsZero() {
			return err == nil, err
		}
		if err := f.checkSame(last, seen); err != nil {
			return false, err
		}
		return !same(last, seen) && !older(seen, last), nil
	})
}

// Accept remembers seen in the place of whatever there is, because an operator said so.
func (f *File) Accept(ctx context.Context, seen keystore.Seen) error {
	return f.update(ctx, seen, func() (bool, error) { return true, nil })
}

// update writes seen if due says so, under a lock: of two commands that end at the same time the newer one must win.
func (f *File) update(ctx context.Context, seen keystore.Seen, due func() (bool, error)) error {
	if err := checkComplete(seen); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	unlock, err := filelock.Lock(ctx, f.path+".lock")
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	defer unlock()
	write, err := due()
	if err != nil || !write {
		return err
	}
	if err := durable.WriteFile(f.path, format(seen), 0o600); err != nil {
		return fmt.Errorf("state: remember generation %d of %s: %w", seen.Generation, f.keystore, err)
	}
	return nil
}

// checkSame refuses a next that cannot be of the same life as last.
func (f *File) checkSame(last, next keystore.Seen) error {
	switch {
	case last.ID != next.ID:
		return fmt.Errorf("state: %s remembers keystore %s, this is %s", f.path, last.ID, next.ID)
	case next.Epoch == last.Epoch && next.Generation == last.Generation && next.Digest != last.Digest:
		return fmt.Errorf("state: %s remembers another generation %d, with digest %s; this one has %s",
			f.path, last.Generation, last.Digest, next.Digest)
	}
	return nil
}

func older(a, b keystore.Seen) bool {
	return a.Epoch < b.Epoch || a.Epoch == b.Epoch && a.Generation < b.Generation
}

func same(a, b keystore.Seen) bool { return bytes.Equal(format(a), format(b)) }
