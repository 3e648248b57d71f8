package keyring

import (
	"maps"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// ledger is what one ring knows of its account with a wear file. It does no I/O and reads no clock.
//
// What holds it together: for each key the file has, in the key's line and in leases, at least what the ring has sealed,
// as long as that does not exceed its lease. So a ring that is killed has been counted already.
type ledger struct {
	file   keystore.ID // the one that the rest is about; zero before the first
	holder keystore.ID // of the ring's leases in it, drawn anew with each write: they show which write it was
	lines  map[keystore.ID]line
	doubt  *proposal // a write of which nobody knows yet whether it happened
}

// line is a ring's account for one key.
type line struct {
	handed Count // of what the ring has sealed, what the key's line has. More than was sealed if a lease was added to it
	lease  Count // what the ring may seal beyond that until it writes again
}

// proposal is a wear file that would follow the one that was read, and the ring's account with it.
type proposal struct {
	ledger
	wear          *keystore.Wear
	before, after keystore.Digest // of the file that was read, and of this one
}

// read brings the ledger up to date with the file, which others may have written, or begun anew.
func (l *ledger) read(f wearFile) {
	if l.file != f.wear.ID {
		*l = ledger{file: f.wear.ID} // what was handed in is gone with the other file
	}
	held := make(map[holding]bool, len(f.wear.Leases))
	for _, lease := range f.wear.Leases {
		held[holding{lease.Holder, keystore.ID{}}], held[holding{lease.Holder, lease.Key}] = true, true
	}
	written := l.without(held)
	if d := l.doubt; d != nil {
		switch {
		case f.digest == d.after || held[holding{d.holder, keystore.ID{}}]:
			l.holder, written = d.holder, d.without(held)
		case f.digest == d.before || held[holding{l.holder, keystore.ID{}}]:
			// it was not written
		default:
			written = leastOf(written, d.without(held))
		}
		l.doubt = nil
	}
	l.lines = written
}

// holding is a lease by its holder and key, or any of a holder with the zero key.
type holding struct{ holder, key keystore.ID }

// without returns the lines of l with those leases ended that are not held. Somebody added them to their keys, in full:
// they had run out, or there were too many. The ring has then handed in more than it has sealed, and goes on from
// there.
func (l *ledger) without(held map[holding]bool) map[keystore.ID]line {
	lines := make(map[keystore.ID]line, len(l.lines))
	for key, ln := range l.lines {
		if !ln.lease.isZero() && !held[holding{l.holder, key}] {
			ln = line{handed: ln.handed.plus(ln.lease)}
		}
		lines[key] = ln
	}
	return lines
}

// leastOf returns what was handed in for certain if either a or b is true. What is in doubt is handed in again: a key
// that is replaced early does no harm.
func leastOf(a, b map[keystore.ID]line) map[keystore.ID]line {
	least := make(map[keystore.ID]line)
	for key, ln := range a {
		least[key] = line{handed: ln.handed.least(b[key].handed)}
	}
	return least
}

// unhanded returns what of sealed, the ring's estimate for a key, is not in the file's line of the key.
func (l *ledger) unhanded(key keystore.ID, sealed Count) Count {
	return sealed.minus(l.lines[key].handed)
}

// entry is what a ring wants to put into the wear file.
type entry struct {
	sealed map[keystore.ID]Count     // by key, all that it has ever sealed
	leases map[keystore.ID]Count     // by key, what it may seal next
	since  map[keystore.ID]time.Time // by key, when it was first seen active
	now    time.Time
}

// propose returns the file that follows f once e is handed in.
func (l *ledger) propose(f wearFile, e entry) *proposal {
	p := &proposal{before: f.digest, wear: &keystore.Wear{ID: f.wear.ID, Keystore: f.wear.Keystore, Begun: f.wear.Begun}}
	p.file, p.holder, p.lines = l.file, keystore.NewID(), make(map[keystore.ID]line)
	b := book{wear: p.wear, at: make(map[keystore.ID]int)}
	for _, k := range f.wear.Keys {
		*b.line(k.Key) = k
	}
	for _, lease := range f.wear.Leases {
		if lease.Holder != l.holder {
			b.keep(lease, e.now)
		}
	}
	for key := range keysOf(e.sealed, l.lines, e.leases) {
		rest := l.unhanded(key, e.sealed[key])
		b.charge(key, rest)
		p.lines[key] = line{l.lines[key].handed.plus(rest), e.leases[key]}
		b.lease(p.holder, key, e.leases[key], e.now.Add(wearTerm))
	}
	for key, since := range e.since {
		k := b.line(key)
		k.Since = earlier(k.Since, since)
	}
	b.limit()
	return p
}

// keysOf returns all keys of three maps.
func keysOf(a map[keystore.ID]Count, b map[keystore.ID]line, c map[keystore.ID]Count) map[keystore.ID]bool {
	all := make(map[keystore.ID]bool)
	for key, n := range a {
		if !n.isZero() {
			all[key] = true
		}
	}
	for key := range b {
		all[key] = true
	}
	for key := range c {
		all[key] = true
	}
	return all
}

// accept notes that p was written.
func (l *ledger) accept(p *proposal) {
	l.holder, l.lines, l.doubt = p.holder, maps.Clone(p.lines), nil
}
