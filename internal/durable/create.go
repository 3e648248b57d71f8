package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// CreateFile makes a new file with data and the given mode, and returns once it is durable. It never touches a file that
// exists: the error is then fs.ErrExist. If it cannot finish what it began, it removes it.
//
//   - open with O_EXCL: the name is ours.
//   - fsync of the file, then of its directory: or a power cut could leave an empty file, or take the name away.
func CreateFile(path string, data []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = OS{}.SyncDir(filepath.Dir(path))
	}
	if err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
