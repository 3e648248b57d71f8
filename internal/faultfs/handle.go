package faultfs

import (
	"errors"
	"io"
	"io/fs"
	"slices"
	"time"

	"github.com/sealwax/sealwax/internal/durable"
)

// handle is an open file.
type handle struct {
	process *Process
	name    string
	file    *inode
	offset  int
}

var _ durable.File = (*handle)(nil)

func (h *handle) do(call string, effect func(d *Disk) error) error {
	return h.process.do(call, h.name, effect)
}

func (h *handle) Read(p []byte) (n int, err error) {
	eof := false
	err = h.do("read", func(*Disk) error {
		n = copy(p, h.file.seen.data[min(h.offset, len(h.file.seen.data)):])
		h.offset += n
		eof = n == 0 && len(p) > 0
		return nil
	})
	if eof && err == nil {
		err = io.EOF // by identity, as readers expect it
	}
	return n, err
}

func (h *handle) Write(p []byte) (n int, err error) {
	err = h.do("write", func(d *Disk) error {
		h.file.seen.data = append(slices.Clip(h.file.seen.data), p...)
		h.file.seen.modified, h.file.seen.version = clock, d.nextVersionLocked()
		n = len(p)
		return nil
	})
	return n, err
}

func (h *handle) Stat() (info durable.Info, err error) {
	err = h.do("fstat", func(*Disk) error {
		info = h.file.info()
		return nil
	})
	return info, err
}

func (h *handle) Chown(o durable.Owner) error {
	return h.do("chown", func(d *Disk) error {
		h.file.seen.attr.Owner, h.file.seen.version = o, d.nextVersionLocked()
		return nil
	})
}

func (h *handle) Chmod(mode fs.FileMode) error {
	return h.do("chmod", func(d *Disk) error {
		h.file.seen.attr.Mode, h.file.seen.version = mode, d.nextVersionLocked()
		return nil
	})
}

func (h *handle) Chtimes(modified time.Time) error {
	return h.do("chtimes", func(d *Disk) error {
		h.file.seen.modified, h.file.seen.version = modified, d.nextVersionLocked()
		return nil
	})
}

func (h *handle) Sync() error {
	err := h.do("sync", func(*Disk) error {
		if !h.file.lost {
			h.file.safe = h.file.seen
		}
		return nil
	})
	if err != nil && !errors.Is(err, ErrKilled) {
		h.process.disk.mu.Lock()
		h.file.lost = true
		h.process.disk.mu.Unlock()
	}
	return err
}

func (h *handle) Close() error { return h.do("close", func(*Disk) error { return nil }) }

func (f *inode) info() durable.Info {
	return durable.Info{
		Mode: f.seen.attr.Mode, Owner: f.seen.attr.Owner, Size: int64(len(f.seen.data)), Device: 1, Inode: f.number,
		Modified: f.seen.modified, Changed: clock,
	}
}
