package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// ErrUnsynced is in the chain of an error after the new file is in its place, but may be gone after a power cut. Any
// error without it means that the old file is as it was.
var ErrUnsynced = errors.New("the replacement may not last")

// Replace makes data the content of path, which may not exist yet, with the given owner and mode. Readers see the old
// content or the new one. Path must not be a symbolic link: see [Follow].
func Replace(fsys FS, path string, data []byte, keep Attr) error {
	temp, err := Stage(fsys, path, data, keep)
	if err != nil {
		return err
	}
	return Commit(fsys, temp, path)
}

// WriteFile replaces the file at path, or the one that a symbolic link there leads to, and keeps its owner and mode.
// A file that does not exist yet gets the given mode and belongs to the process.
func WriteFile(path string, data []byte, mode fs.FileMode) error {
	fsys := OS{}
	chain, err := Follow(fsys, path)
	if err != nil {
		return err
	}
	target := chain[len(chain)-1]
	keep := Attr{mode, Unowned}
	switch info, err := fsys.Lstat(target); {
	case err == nil && !info.Mode.IsRegular():
		return fmt.Errorf("%s is not a regular file", target)
	case err == nil:
		keep = info.Attr()
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return Replace(fsys, target, data, keep)
}

// Commit gives the file that [Stage] made its name and makes that durable.
//
//   - rename: replaces the name in one step, so that every reader finds a whole file under it.
//   - fsync of the directory: the name of a synced file is not yet synced itself. Before this call a power cut may
//     bring back the old file.
func Commit(fsys FS, temp, path string) error {
	if err := fsys.Rename(temp, path); err != nil {
		if _, gone := fsys.Lstat(temp); errors.Is(gone, fs.ErrNotExist) {
			// A network file system may carry out a rename and then lose the answer.
			return fmt.Errorf("%w: %w", ErrUnsynced, err)
		}
		Discard(fsys, temp)
		return err
	}
	if err := fsys.SyncDir(filepath.Dir(path)); err != nil {
		return fmt.Errorf("%w: %w", ErrUnsynced, err)
	}
	return nil
}

// KeepAs makes second another name of the file at path, in place of the file that had it. It is not durable before
// the next sync of the directory, for instance by [Commit]. [ErrNoLinks] is in the chain where links are not to be had.
//
//   - link to a temporary name: link itself never replaces.
//   - rename: so that second is at all times the old file or the new one.
//   - unlink: rename does nothing, successfully, when both names already stand for the same file.
func KeepAs(fsys FS, path, second string) error {
	temp := tempName(second)
	if err := fsys.Link(path, temp); err != nil {
		if isNoLinks(err) {
			err = fmt.Errorf("%w: %w", ErrNoLinks, err)
		}
		return err
	}
	err := fsys.Rename(temp, second)
	Discard(fsys, temp)
	return err
}

// ErrNoLinks is in the chain of an error of [KeepAs] when the file system has no hard links, or none for this user.
var ErrNoLinks = errors.New("no hard link possible")
