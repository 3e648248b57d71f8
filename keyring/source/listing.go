package source

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/sealwax/sealwax/internal/durable"
)

// An entry is a name in a folder and what it is of.
type entry struct {
	name string
	kind fs.FileMode // type bits only
}

func compareEntries(a, b entry) int { return strings.Compare(a.name, b.name) }

// defaultChunk is how many names of a folder are yielded from one reading of it. A million short names are 16 readings of
// the folder, which cost less than to open its files; sorted in one piece they would take 200 MB.
const defaultChunk = 1 << 16

// batch is how many names are asked of the system at once.
const batch = 1024

// list returns the first chunk entries of a folder in the order of their names, beginning with from, and whether there
// may be more. At most twice as many are in memory.
func list(dir durable.Root, from string, chunk int) (entries []entry, more bool, err error) {
	d, err := dir.Root.Open(".")
	if err != nil {
		return nil, false, err
	}
	defer d.Close() // opened for reading
	limit := ""     // what is behind it has no room
	for {
		names, err := d.ReadDir(batch)
		for _, n := range names {
			if name := n.Name(); name >= from && (limit == "" || name <= limit) {
				entries = append(entries, entry{name, n.Type()})
			}
			if len(entries) == 2*chunk {
				entries = smallest(entries, chunk)
				limit, more = entries[chunk-1].name, true
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, false, err
		}
	}
	more = more || len(entries) > chunk
	return smallest(entries, chunk), more, nil
}

// smallest returns the first n entries, sorted.
func smallest(entries []entry, n int) []entry {
	slices.SortFunc(entries, compareEntries)
	if len(entries) > n {
		clear(entries[n:])
		entries = entries[:n]
	}
	return entries
}

// isGone reports whether what a folder listed was taken away since.
func isGone(err error) bool { return errors.Is(err, os.ErrNotExist) }
