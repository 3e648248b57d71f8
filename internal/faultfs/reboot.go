package faultfs

import (
	"fmt"
	"maps"
	"math/bits"
)

// Loss is one way in which a power cut can turn out.
type Loss struct {
	Changes uint64  // bit i is set if the i-th unsynced change to a directory survives
	Content Content // what becomes of unsynced content
}

// Content is what a power cut leaves of what was written to a file after its last sync.
type Content int

// What can be left of unsynced content.
const (
	None  Content = iota // the file is as it was at its last sync
	Half                 // the first half of it
	Zeros                // its length, but not its bytes
	All
)

// String describes the loss.
func (l Loss) String() string {
	return fmt.Sprintf("of the unsynced, directory changes %#b and %s content survive", l.Changes,
		[]string{"no", "half the", "zeroed", "all"}[l.Content])
}

// Up to this many unsynced changes every subset of them is tried: 2^6 = 64. Beyond, every beginning, every single one, and
// all without any one.
const maxSubsets = 6

// Losses returns the ways in which a power cut now can turn out.
func (d *Disk) Losses() []Loss {
	d.mu.Lock()
	defer d.mu.Unlock()
	contents := []Content{None}
	if d.dirtyLocked() {
		contents = append(contents, Half, Zeros, All)
	}
	var losses []Loss
	for _, changes := range subsets(len(d.changes)) {
		for _, c := range contents {
			losses = append(losses, Loss{changes, c})
		}
	}
	return losses
}

func subsets(n int) []uint64 {
	seen := map[uint64]bool{}
	var sets []uint64
	add := func(set uint64) {
		if !seen[set] {
			seen[set] = true
			sets = append(sets, set)
		}
	}
	all := uint64(1)<<n - 1
	if n <= maxSubsets {
		for set := range all + 1 {
			add(set)
		}
		return sets
	}
	for i := range n + 1 {
		add(uint64(1)<<i - 1)
		add(all &^ (1 << i))
		add(all & (1 << i))
	}
	return sets
}

func (d *Disk) dirtyLocked() bool {
	for _, dir := range d.dirs {
		for _, file := range dir.seen {
			if file.dirty() {
				return true
			}
		}
	}
	return false
}

func (f *inode) dirty() bool { return f.seen.version != f.safe.version }

// Reboot returns the disk as it is found after a power cut that turned out as l says. The disk d is as it was, so that
// the power can be cut again with another outcome.
func (d *Disk) Reboot(l Loss) *Disk {
	next := d.Clone()
	if bits.Len64(l.Changes) > len(next.changes) {
		panic("faultfs: a loss of another disk")
	}
	for _, dir := range next.dirs {
		dir.seen = dir.safe
	}
	for i, c := range next.changes {
		if l.Changes>>i&1 == 1 {
			c.apply(next.dirs[c.dir].seen)
		}
	}
	next.changes = nil
	for _, dir := range next.dirs {
		dir.safe = maps.Clone(dir.seen)
		for _, file := range dir.seen {
			file.safe = file.survivor(l.Content)
			file.seen = file.safe
			file.lost = false
		}
	}
	return next
}

// survivor returns what is left of the file. It may be called twice, for a file with two names.
func (f *inode) survivor(left Content) content {
	if !f.dirty() || left == None {
		return f.safe
	}
	c := f.seen
	switch left {
	case Half:
		c.data = c.data[:len(c.data)/2]
	case Zeros:
		c.data = make([]byte, len(c.data))
	}
	return c
}
