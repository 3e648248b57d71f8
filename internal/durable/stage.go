package durable

import (
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// Unowned asks [Stage] for a file that belongs to the process, in the group that the system gives it.
var Unowned = Owner{-1, -1}

// Stage writes data to a new temporary file beside path, durably, and returns its name. Call [Commit] or [Discard] with
// it. When Stage fails, nothing is left behind. All after the first is done through the descriptor; see the package comment.
//
//   - open with O_EXCL and mode 0600: the name is ours, and nobody else reads before owner and mode are right.
//   - fchown, fchmod, fstat: first, so that a file that cannot be kept as it was costs no write; fstat because some
//     file systems accept a change of owner and ignore it.
//   - write.
//   - futimens: a clock tick of the kernel is up to 10 ms, and an inode number is reused at once. The exact time lets
//     two generations that followed each other faster be told apart by stat.
//   - fsync: the content has to be on the disk before the name leads to it, or a power cut leaves an empty file
//     under the right name. It is also here that a full disk shows.
//   - close: some network file systems report a failed write only here.
func Stage(fsys FS, path string, data []byte, keep Attr) (temp string, err error) {
	s, err := Begin(fsys, path, keep)
	if err != nil {
		return "", err
	}
	if _, err := s.Write(data); err != nil {
		return "", errors.Join(err, s.Discard())
	}
	return s.End()
}

// Staging is a temporary file that is being written, piece by piece: what [Stage] does for one who does not have all of
// it at once. End it or discard it.
type Staging struct {
	fsys FS
	f    File
	temp string
}

// Begin makes the temporary file beside path. When it fails, nothing is left behind.
func Begin(fsys FS, path string, keep Attr) (*Staging, error) {
	temp := tempName(path)
	f, err := fsys.Create(temp, 0o600)
	if err != nil {
		return nil, err
	}
	s := &Staging{fsys, f, temp}
	if err := setAttr(f, path, keep); err != nil {
		return nil, errors.Join(err, s.Discard())
	}
	return s, nil
}

// Write appends to the file.
func (s *Staging) Write(b []byte) (int, error) { return s.f.Write(b) }

// End makes what was written durable and returns the name of the file, for [Commit] or [Discard]. When it fails, nothing is
// left behind.
func (s *Staging) End() (temp string, err error) {
	err = s.f.Chtimes(time.Now())
	if err == nil {
		err = s.f.Sync()
	}
	if err = errors.Join(err, s.f.Close()); err != nil {
		Discard(s.fsys, s.temp)
		return "", err
	}
	return s.temp, nil
}

// Discard closes and removes the file.
func (s *Staging) Discard() error {
	err := s.f.Close()
	Discard(s.fsys, s.temp)
	return err
}

// Discard removes a temporary file that is no longer wanted. If that fails, [Sweep] does it another time.
func Discard(fsys FS, temp string) { _ = fsys.Remove(temp) }

const (
	tempMark   = ".tmp-"
	tempRandom = 26 // the length of rand.Text
)

// tempName returns a name that nobody has: 128 random bits, so that even where locks do not work two writers never
// share a temporary file.
func tempName(path string) string { return path + tempMark + rand.Text() }

// Sweep removes the temporary files that killed writers of path left behind. The caller must hold whatever lock keeps
// two from writing path at once.
func Sweep(fsys FS, path string) error {
	dir, base := filepath.Split(path)
	names, err := fsys.ReadDir(filepath.Clean(dir))
	if err != nil {
		return err
	}
	for _, name := range names {
		if of, ok := TempOf(name); !ok || of != base {
			continue
		}
		if err := fsys.Remove(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("left over from a killed writer: %w", err)
		}
	}
	return nil
}

// TempOf returns the name of the file that the temporary file name was made for, if it is one.
func TempOf(name string) (of string, ok bool) {
	of, random, ok := cutLast(name, tempMark)
	if !ok || len(random) != tempRandom || strings.Trim(random, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		return "", false
	}
	return of, true
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
