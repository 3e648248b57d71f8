// Package filelock keeps two processes from writing the same file at once.
//
// The lock is on a file of its own that is made when it is first needed and then stays, empty: a file that is
// renamed or removed would leave two writers with locks on two different files of one name. The system releases the lock
// when the process ends, however it ends. It is advisory: readers and strangers are not stopped.
package filelock

import (
	"context"
	"fmt"
	"time"

	"github.com/gofrs/flock"
)

// PollInterval is how often a waiting Lock tries again. The system has no wait that a context could end; a writer holds
// the lock for some milliseconds.
const PollInterval = 10 * time.Millisecond

// Lock waits until no other process and no other call of Lock in this one holds the lock file at path, then holds it
// until unlock is called, once. It waits as long as ctx lets it. The directory must exist, and be writable the first time.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	l := flock.New(path, flock.SetPermissions(0o600))
	_, err = l.TryLockContext(ctx, PollInterval)
	switch {
	case err == nil:
		// Unlocking a valid descriptor does not fail. If it did, the next writer would say what it waits for.
		return func() { _ = l.Unlock() }, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("waiting for the lock %s: %w", path, err)
	}
	return nil, fmt.Errorf("lock file: %w", err)
}
