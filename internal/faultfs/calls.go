package faultfs

import (
	"io/fs"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/sealwax/sealwax/internal/durable"
)

var _ durable.FS = (*Process)(nil)

// Open opens a file for reading.
func (p *Process) Open(name string) (durable.File, error) {
	return p.handle("open", name, func(d *Disk) (*inode, error) { return d.findLocked(name) })
}

// Create makes a file.
func (p *Process) Create(name string, mode fs.FileMode) (durable.File, error) {
	return p.handle("create", name, func(d *Disk) (*inode, error) { return d.createLocked(name, mode) })
}

func (p *Process) handle(call, name string, find func(*Disk) (*inode, error)) (durable.File, error) {
	var file *inode
	err := p.do(call, name, func(d *Disk) (err error) {
		file, err = find(d)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &handle{p, name, file, 0}, nil
}

// Rename renames a file.
func (p *Process) Rename(from, to string) error {
	return p.do("rename", from, func(d *Disk) error {
		file, err := d.findLocked(from)
		if err != nil {
			return err
		}
		dir, name := split(to)
		if dir != filepath.Dir(from) {
			return syscall.EXDEV
		}
		if d.dirs[dir].seen[name] == file {
			return nil // two names of one file: POSIX has rename do nothing
		}
		d.changeLocked(change{dir: dir, name: name, from: filepath.Base(from), file: file})
		return nil
	})
}

// Exchange lets two names in one directory stand for each other's file, as durable.Root does.
func (p *Process) Exchange(a, b string) error {
	return p.do("exchange", a, func(d *Disk) error {
		first, err := d.findLocked(a)
		if err != nil {
			return err
		}
		second, err := d.findLocked(b)
		if err != nil {
			return err
		}
		dir, name := split(a)
		d.changeLocked(change{dir: dir, name: name, file: second, with: &change{dir: dir, name: filepath.Base(b), file: first}})
		return nil
	})
}

// Link makes a hard link.
func (p *Process) Link(name, second string) error {
	return p.do("link", name, func(d *Disk) error {
		file, err := d.findLocked(name)
		if err != nil {
			return err
		}
		dir, base, err := d.vacantLocked(second)
		if err != nil {
			return err
		}
		d.changeLocked(change{dir: dir, name: base, file: file})
		return nil
	})
}

// Remove removes a file.
func (p *Process) Remove(name string) error {
	return p.do("remove", name, func(d *Disk) error {
		if _, err := d.findLocked(name); err != nil {
			return err
		}
		dir, base := split(name)
		d.changeLocked(change{dir: dir, name: base})
		return nil
	})
}

// Stat describes a file or directory.
func (p *Process) Stat(name string) (durable.Info, error) { return p.stat("stat", name) }

// Lstat does the same: there are no symbolic links here.
func (p *Process) Lstat(name string) (durable.Info, error) { return p.stat("lstat", name) }

func (p *Process) stat(call, name string) (info durable.Info, err error) {
	err = p.do(call, name, func(d *Disk) error {
		if d.dirs[name] != nil {
			info = durable.Info{Mode: fs.ModeDir | 0o700, Owner: processOwner, Device: 1}
			return nil
		}
		file, err := d.findLocked(name)
		if err == nil {
			info = file.info()
		}
		return err
	})
	return info, err
}

// Readlink fails: there are no symbolic links here.
func (p *Process) Readlink(name string) (string, error) {
	return "", p.do("readlink", name, func(*Disk) error { return syscall.EINVAL })
}

// ReadDir returns the names in a directory.
func (p *Process) ReadDir(name string) (names []string, err error) {
	err = p.do("readdir", name, func(d *Disk) error {
		dir := d.dirs[name]
		if dir == nil {
			return fs.ErrNotExist
		}
		for base := range dir.seen {
			names = append(names, base)
		}
		slices.Sort(names)
		return nil
	})
	return names, err
}

// SyncDir makes all changes to a directory durable.
func (p *Process) SyncDir(name string) error {
	return p.do("syncdir", name, func(d *Disk) error {
		if d.dirs[name] == nil {
			return fs.ErrNotExist
		}
		d.changes = slices.DeleteFunc(d.changes, func(c change) bool {
			if c.dir == name {
				c.apply(d.dirs[name].safe)
			}
			return c.dir == name
		})
		return nil
	})
}
