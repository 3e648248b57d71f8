package faultfs

import (
	"io/fs"
	"path/filepath"

	"github.com/sealwax/sealwax/internal/durable"
)

func split(path string) (dir, base string) { return filepath.Dir(path), filepath.Base(path) }

func (d *Disk) findLocked(path string) (*inode, error) {
	dir, base := split(path)
	if d.dirs[dir] == nil || d.dirs[dir].seen[base] == nil {
		return nil, fs.ErrNotExist
	}
	return d.dirs[dir].seen[base], nil
}

// vacantLocked splits a path at which nothing stands, in a directory that exists.
func (d *Disk) vacantLocked(path string) (dir, base string, err error) {
	dir, base = split(path)
	switch {
	case d.dirs[dir] == nil:
		return "", "", fs.ErrNotExist
	case d.dirs[dir].seen[base] != nil:
		return "", "", fs.ErrExist
	}
	return dir, base, nil
}

func (d *Disk) createLocked(path string, mode fs.FileMode) (*inode, error) {
	dir, base, err := d.vacantLocked(path)
	if err != nil {
		return nil, err
	}
	empty := content{d.nextVersionLocked(), nil, durable.Attr{Mode: mode, Owner: processOwner}, clock}
	file := &inode{number: d.freeInodeLocked(), seen: empty, safe: empty}
	d.changeLocked(change{dir: dir, name: base, file: file})
	return file, nil
}
