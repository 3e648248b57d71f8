package filelock

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofrs/flock"

	"github.com/sealwax/sealwax/internal/durable"
)

func TestOneHolderAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.lock")
	var wg sync.WaitGroup
	holders := make(chan int, 1) // full while somebody holds the lock
	for i := range 6 {
		wg.Go(func() {
			unlock, err := Lock(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			defer unlock()
			select {
			case holders <- i:
				<-holders
			default:
				t.Errorf("holder %d found another one", i)
			}
		})
	}
	wg.Wait()
	if info, err := os.Stat(path); err != nil || info.Size() != 0 || info.Mode().Perm() != 0o600 {
		t.Errorf("lock file afterwards = %v, %v, want an empty one with mode 0600", info, err)
	}
}

func TestWaitEndsWithContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.lock")
	unlock, err := Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*PollInterval)
	defer cancel()
	started := time.Now()
	_, err = Lock(ctx, path)
	if want := "waiting for the lock " + path + ", which another process holds: "; !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("Lock of a held lock = %v, want %q and the deadline", err, want)
	}
	if waited := time.Since(started); waited < 2*PollInterval {
		t.Errorf("Lock gave up after %v, want about %v", waited, 3*PollInterval)
	}
	unlock()
	unlock, err = Lock(t.Context(), path)
	if err != nil {
		t.Fatalf("Lock after unlock: %v", err)
	}
	unlock()
}

func TestWaitEndsByItself(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a lock")
	synctest.Test(t, func(t *testing.T) {
		unlock, err := Lock(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		started := time.Now()
		_, err = Lock(t.Context(), path)
		want := "another process has held the lock " + path + " for 30s: see which one: fuser -v '" + path + "'"
		if err == nil || err.Error() != want || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Lock of a held lock = %v, want %s, and no deadline of the caller's", err, want)
		}
		if waited := time.Since(started); waited != MaxWait {
			t.Errorf("Lock gave up after %v, want %v", waited, MaxWait)
		}
	})
}

func TestAnotherFileIsNotTheOneLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.lock")
	l := flock.New(path)
	if _, err := l.TryLock(); err != nil {
		t.Fatal(err)
	}
	defer l.Unlock()
	for _, want := range []bool{true, false} { // then somebody puts a new file in its place
		file, err := open(path, durable.Unowned)
		if err != nil {
			t.Fatal(err)
		}
		if got := isLocked(l, file); got != want {
			t.Errorf("isLocked = %v, want %v", got, want)
		}
		file.Close()
		if err := os.Rename(path, path+".away"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNoDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "f.lock")
	_, err := Lock(t.Context(), path)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "lock file: open "+path) {
		t.Errorf("Lock = %v, want one that names the path and is fs.ErrNotExist", err)
	}
}
