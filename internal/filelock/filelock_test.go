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
	"time"
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
	if want := "waiting for the lock " + path; !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(err.Error(), want) {
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

func TestNoDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "f.lock")
	_, err := Lock(t.Context(), path)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "lock file: open "+path) {
		t.Errorf("Lock = %v, want one that names the path and is fs.ErrNotExist", err)
	}
}
