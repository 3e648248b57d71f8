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
	temp = tempName(path)
	f, err := fsys.Create(temp, 0o600)
	if err != nil {
		return "", err
	}
	err = setAttr(f, path, keep)
	if err == nil {
		_, err = f.Write(data)
	}
	if err == nil {
		err = f.Chtimes(time.Now())
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		Discard(fsys, temp)
		return "", err
	}
	return temp, nil
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
		rest, ok := strings.CutPrefix(name, base+tempMark)
		if !ok || len(rest) != tempRandom || strings.Trim(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
			continue
		}
		if err := fsys.Remove(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("left over from a killed writer: %w", err)
		}
	}
	return nil
}
