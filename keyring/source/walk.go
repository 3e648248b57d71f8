package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/sealwax/sealwax/internal/durable"
)

// A walk goes through a tree, in order. Open are as many folders as the tree is deep.
type walk struct {
	ctx   context.Context
	chunk int
	file  func(dir durable.Root, p place, e entry) (goOn bool) // whatever is not a folder
	left  func(path string)                                    // what a killed rekey left

	unread []error // folders that could not be read
	more   int     // how many others
	ended  bool    // by file
}

// lockName is the name of the lock file in the root of a tree, and the end of that beside a file of lines.
const lockName = ".rekey.lock"

// maxUnread is how many folders an error names.
const maxUnread = 10

// run walks the tree at root behind the cursor after. That part of it was out of reach is an error at its end.
func (w *walk) run(root, after string) error {
	start, err := parseCursor(after)
	if err != nil {
		return err
	}
	dir, err := durable.OpenRoot(root)
	if err != nil {
		return err
	}
	defer dir.Close() // opened for reading
	if err := w.folder(dir, "", string(start)); err != nil {
		return err
	}
	if w.ended {
		return nil
	}
	if w.more > 0 {
		w.unread = append(w.unread, fmt.Errorf("and %d other folders", w.more))
	}
	return errors.Join(w.unread...)
}

// folder walks one folder, behind after in it. The error ends the walk.
func (w *walk) folder(dir durable.Root, p place, after string) error {
	from, rest, _ := strings.Cut(after, "/")
	for {
		entries, more, err := list(dir, from, w.chunk)
		if err != nil {
			return w.skip(p, err)
		}
		for _, e := range entries {
			deeper := ""
			if e.name == from && after != "" {
				if !e.kind.IsDir() {
					continue // it is the one that the cursor is of, or stands before it
				}
				deeper = rest
			}
			if err := w.entry(dir, p.in(e.name), e, deeper); err != nil || w.ended {
				return err
			}
		}
		if !more {
			return nil
		}
		from, rest, after = entries[len(entries)-1].name+"\x00", "", ""
	}
}

func (w *walk) entry(dir durable.Root, p place, e entry, after string) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if e.kind.IsDir() {
		return w.descend(dir, p, e.name, after)
	}
	if p == lockName {
		return nil
	}
	if _, ok := leftover(e.name); ok && e.kind.IsRegular() {
		w.left(string(p))
		return nil
	}
	if _, ok := durable.TempOf(e.name); ok && e.kind.IsRegular() {
		return nil // of a writer at work, or of one that was killed before it had written
	}
	w.ended = !w.file(dir, p, e)
	return nil
}

func (w *walk) descend(dir durable.Root, p place, name, after string) error {
	sub, err := dir.Sub(name)
	if err != nil {
		return w.skip(p, err)
	}
	defer sub.Close() // opened for reading
	return w.folder(sub, p, after)
}

// skip notes a folder that cannot be read, or ends the walk if that is the root. A folder that was taken away is none.
func (w *walk) skip(p place, err error) error {
	if p == "" {
		return fmt.Errorf("the root: %w", cause(err))
	}
	err = fmt.Errorf("folder %s: %w", p.where(), cause(err))
	switch {
	case isGone(err):
	case len(w.unread) < maxUnread:
		w.unread = append(w.unread, err)
	default:
		w.more++
	}
	return nil
}

// cause returns an error of the system without the path, which is that in the folder and misleads.
func cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}
