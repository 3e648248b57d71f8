package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/sealwax/sealwax/internal/durable"
)

// failing is a folder in which no file can be made.
type failing struct {
	durable.Root
	err error
}

func (f failing) Create(string, fs.FileMode) (durable.File, error) { return nil, f.err }

// TestWhatConcernsAllFiles tells apart what is wrong with one file, or its folder, from what every file would meet.
func TestWhatConcernsAllFiles(t *testing.T) {
	for _, c := range []struct {
		err  error
		want bool
	}{
		{syscall.ENOSPC, true}, {syscall.EDQUOT, true}, {syscall.EROFS, true},
		{syscall.EACCES, false}, {syscall.EIO, false}, {syscall.ENAMETOOLONG, false},
	} {
		root := t.TempDir()
		put(t, filepath.Join(root, "ns/a"), message)
		s := Dir(root, "r", nil)
		s.open = func(r durable.Root) folder { return failing{r, c.err} }
		err := s.Replace(t.Context(), mustRecords(t, s)[0], []byte(after))
		if got := errors.Is(err, ErrUnwritable); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%v: ErrUnwritable is %v, want %v: %v", c.err, got, c.want, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestNoLockNoReplacement has something else lie where the lock file belongs.
func TestNoLockNoReplacement(t *testing.T) {
	root := t.TempDir()
	file := filepath.Join(root, "ns/a")
	put(t, file, message)
	lines := linesFile(t, goodLine("a", before))
	for lock, s := range map[string]Source{
		filepath.Join(root, lockName): Dir(root, "r", nil),
		lines + lockName:              JSONL(lines, "r", nil),
	} {
		if err := os.Mkdir(lock, 0o700); err != nil {
			t.Fatal(err)
		}
		all := mustRecords(t, s)
		if err := s.Replace(t.Context(), all[0], []byte(after)); !errors.Is(err, ErrUnwritable) {
			t.Errorf("%s: %v, want ErrUnwritable", s, err)
		}
	}
	if got := get(t, file); got != message {
		t.Errorf("the file is %q", got)
	}
}
