// Package faultfs simulates a machine whose power is cut, for tests of durable files.
//
// A [Disk] keeps two states of every file and directory: what processes see, and what is known to survive. [Disk.Process]
// is one process's view of it, a durable.FS that can be killed, observed, delayed and made to fail at every call.
// [Disk.Reboot] cuts the power and returns the disk as it may be found afterwards; [Disk.Losses] lists the ways in which
// that can turn out. [Crashes] and [Failures] try all of it on one piece of code.
//
// The model is harsher than any one file system. Of the changes to directories since the last sync of each, any
// subset survives, in whatever order they were made. Of a file's content since its last sync nothing survives, or
// the first half, or zeros of the right length, or all of it. Owner, mode and times go with the content. A rename is all or
// nothing. After a failed sync the content may be lost although a later sync succeeds. What is synced stays. The clock
// stands still, and a removed file's inode number is given to the next.
package faultfs

import (
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/sealwax/sealwax/internal/durable"
)

// Disk is a simulated disk and the machine that it is in. It may be used concurrently.
type Disk struct {
	mu      sync.Mutex
	dirs    map[string]*directory
	changes []change // to directories, in the order in which they were made, until they are synced
	locks   map[string]chan struct{}
	version uint64 // of the latest content
}

// NewDisk returns a disk with the given empty directories.
func NewDisk(dirs ...string) *Disk {
	d := &Disk{dirs: map[string]*directory{}, locks: map[string]chan struct{}{}}
	for _, dir := range dirs {
		d.dirs[filepath.Clean(dir)] = &directory{map[string]*inode{}, map[string]*inode{}}
	}
	return d
}

// directory is the names that processes see, and those that survive whatever happens.
type directory struct {
	seen map[string]*inode
	safe map[string]*inode
}

// inode is a file. Its content is replaced, never changed in place, so that copies of an inode may share it.
type inode struct {
	number uint64
	seen   content
	safe   content
	lost   bool // a sync failed: no later one can be relied on
}

type content struct {
	version  uint64 // differs from that of any other content
	data     []byte
	attr     durable.Attr
	modified time.Time
}

// change is one change to a directory: name stands for file from now on, or for nothing if file is nil. The name from, if
// not empty, stands for nothing any more. With it comes another change of the same directory, if that is not nil.
type change struct {
	dir, name, from string
	file            *inode
	with            *change
}

func (c change) apply(names map[string]*inode) {
	if c.from != "" {
		delete(names, c.from)
	}
	if c.file == nil {
		delete(names, c.name)
	} else {
		names[c.name] = c.file
	}
	if c.with != nil {
		c.with.apply(names)
	}
}

// changeLocked makes a change visible. It is not durable yet.
func (d *Disk) changeLocked(c change) {
	c.apply(d.dirs[c.dir].seen)
	d.changes = append(d.changes, c)
}

// Settle makes everything durable, as time does.
func (d *Disk) Settle() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.changes = nil
	for _, dir := range d.dirs {
		dir.safe = maps.Clone(dir.seen)
		for _, file := range dir.seen {
			file.safe = file.seen
		}
	}
}

// Clone returns a copy that shares nothing with d. The processes stay with d, and so do their locks.
func (d *Disk) Clone() *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	next := NewDisk()
	next.version = d.version
	copies := map[*inode]*inode{nil: nil}
	copyOf := func(file *inode) *inode {
		if _, ok := copies[file]; !ok {
			clone := *file
			copies[file] = &clone
		}
		return copies[file]
	}
	names := func(from map[string]*inode) map[string]*inode {
		to := make(map[string]*inode, len(from))
		for name, file := range from {
			to[name] = copyOf(file)
		}
		return to
	}
	for path, dir := range d.dirs {
		next.dirs[path] = &directory{names(dir.seen), names(dir.safe)}
	}
	for _, c := range d.changes {
		c.file = copyOf(c.file)
		if c.with != nil {
			c.with = &change{dir: c.dir, name: c.with.name, file: copyOf(c.with.file)}
		}
		next.changes = append(next.changes, c)
	}
	return next
}

// Get returns the content of a file as processes see it, nil if there is none.
func (d *Disk) Get(path string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	file, err := d.findLocked(path)
	if err != nil {
		return nil
	}
	return append([]byte{}, file.seen.data...)
}

// Put writes a file in place without syncing anything, as cp does. It belongs to the user of the processes.
func (d *Disk) Put(path string, data []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	file, err := d.findLocked(path)
	if err != nil {
		file, err = d.createLocked(path, 0o600)
	}
	if err == nil {
		file.seen.data, file.seen.version = append([]byte{}, data...), d.nextVersionLocked()
		file.seen.modified = clock
	}
	return err
}

// Names returns the names in a directory as processes see them, sorted.
func (d *Disk) Names(dir string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.dirs[dir].seen))
}

// nextVersionLocked returns the number of a new content.
func (d *Disk) nextVersionLocked() uint64 {
	d.version++
	return d.version
}

// freeInodeLocked returns the lowest number that no file has: like some real ones, this disk gives the number of a removed
// file to the next.
func (d *Disk) freeInodeLocked() uint64 {
	used := map[uint64]bool{}
	for _, dir := range d.dirs {
		for _, file := range dir.seen {
			used[file.number] = true
		}
	}
	for number := uint64(1); ; number++ {
		if !used[number] {
			return number
		}
	}
}

// clock is the time on every disk. It stands still, as a kernel's does between two ticks.
var clock = time.Unix(1, 0)
