// Package filelock keeps two processes from writing the same file at once.
//
// The lock is on a file of its own that is made when it is first needed and then stays, empty: a file that is
// renamed or removed would leave two writers with locks on two different files of one name. The system releases the lock
// when the process ends, however it ends. It is advisory: readers and strangers are not stopped.
//
// Root may take the lock of another user, who controls the directory and may put anything in the lock file's place. So
// nothing is locked, and no owner changed, but an empty regular file with one name, looked at through an open descriptor.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/gofrs/flock"

	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/internal/shell"
)

const (
	// PollInterval is how often a waiting Lock tries again. The system has no wait that a context could end; a writer
	// holds the lock for some milliseconds.
	PollInterval = 10 * time.Millisecond

	// MaxWait is how long Lock waits for a lock at most. Who holds it for longer than 30 s is stopped, hangs on a network
	// file system, or is somebody who wants nobody to write.
	MaxWait = 30 * time.Second
)

// Lock waits until no other process and no other call of Lock in this one holds the lock file at path, then holds it
// until unlock is called, once. It waits as long as ctx lets it, at most [MaxWait]. The directory must exist, and be
// writable the first time.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	return LockFor(ctx, path, durable.Unowned)
}

// LockFor is Lock beside a file that belongs to owner. A lock file of root's, who may have been the first to need one, is
// given to that owner if the process is root.
func LockFor(ctx context.Context, path string, owner durable.Owner) (unlock func(), err error) {
	file, err := open(path, owner)
	if err != nil {
		return nil, fmt.Errorf("lock file: %w", err)
	}
	defer file.Close() // opened for reading, and not what is locked
	l := flock.New(path, flock.SetFlag(openFlags))
	if err := wait(ctx, l); err != nil {
		return nil, err
	}
	// Unlocking a valid descriptor does not fail. If it did, the next writer would say what it waits for.
	unlock = func() { _ = l.Unlock() }
	if !isLocked(l, file) {
		unlock()
		return nil, fmt.Errorf("lock file: %s was replaced by another one meanwhile", path)
	}
	return unlock, nil
}

// isLocked reports whether what l has locked is the file that was looked at.
func isLocked(l *flock.Flock, file *os.File) bool {
	locked, err := l.Stat()
	seen, err2 := file.Stat()
	return err == nil && err2 == nil && os.SameFile(locked, seen)
}

func wait(ctx context.Context, l *flock.Flock) error {
	limited, cancel := context.WithTimeout(ctx, MaxWait)
	defer cancel()
	_, err := l.TryLockContext(limited, PollInterval)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("waiting for the lock %s, which another process holds: %w", l.Path(), err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("another process has held the lock %s for %v: see which one: fuser -v %s",
			l.Path(), MaxWait, shell.Path(l.Path()))
	}
	return fmt.Errorf("lock file: %w", err)
}
