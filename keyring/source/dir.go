package source

import (
	"context"
	"iter"
	"sync"

	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/keyring"
)

// Directory is a Source of files. Make one with [Dir].
type Directory struct {
	root, region string
	max          int64
	chunk        int // how many names of one folder are in memory

	open func(durable.Root) folder // what crash tests change

	mu   sync.Mutex
	left map[string]bool // paths of what killed rekeys left, as walks have seen them
	work *replacing      // nil if nothing was replaced since the last Flush
}

var (
	_ Source = (*Directory)(nil)
	_ Sizer  = (*Directory)(nil)
)

// Dir returns the source of the messages of a region in the files at ROOT/NAMESPACE/PATH, one in each; PATH may have
// slashes. A file is binary, or one line of base64, as 'keyring seal' writes them; Replace keeps to what it finds, and
// keeps owner and mode. It does no I/O.
//
// The order is that of the names in each folder, byte by byte, and a cursor is the path. Of a folder, however many
// entries it has, at most 131,072 names are in memory: a larger one is read several times. A file that a walk finds and
// cannot read is a record with an Err, be it a symbolic link, which is not followed, a file in ROOT itself, which is in
// no namespace, one with a name that is not UTF-8, or one that is too large. So is a pipe or an editor's backup; names
// that begin with a dot are names. Left out are only the temporary files of this module, NAME.tmp-… and NAME.swap-…,
// and ROOT/.rekey.lock. A folder that cannot be read does not end the walk, but makes it end with an error.
//
// # Replacing
//
// A file is replaced by an exchange of names (renameat2 on Linux, renameatx_np on macOS), and given back if it was not
// the one that was read: a program that writes its messages by renames, at any time, loses none. Where the system or
// the file system has no exchange, as NFS, that is true but for some microseconds between the last look and the rename.
// A program that writes into its files instead of replacing them must rest meanwhile. A name of more than 216 bytes
// leaves no room for that of the new file, and its message cannot be replaced.
//
// The new file is on the disk before it has the name, and the name is after Flush. From the first Replace to Flush or Close
// a lock, ROOT/.rekey.lock, keeps other rekeys away; who waits for it does so for 30 s.
func Dir(root, region string, o *Options) *Directory {
	return &Directory{root: root, region: region, max: o.maxMessage(), chunk: defaultChunk, left: make(map[string]bool),
		open: func(r durable.Root) folder { return r }}
}

// String returns "dir:ROOT".
func (d *Directory) String() string { return "dir:" + d.root }

// Records walks the tree.
func (d *Directory) Records(ctx context.Context, after string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		w := &walk{ctx: ctx, chunk: d.chunk, left: d.noteLeft}
		w.file = func(dir durable.Root, path place, e entry) bool { return yield(d.record(dir, path, e), nil) }
		if err := w.run(d.root, after); err != nil {
			yield(Record{}, err)
		}
	}
}

// Size counts the files, and reads none.
func (d *Directory) Size(ctx context.Context) (records int64, err error) {
	w := &walk{ctx: ctx, chunk: d.chunk, left: func(string) {}}
	w.file = func(durable.Root, place, entry) bool { records++; return true }
	err = w.run(d.root, "")
	return records, err
}

// bind returns what a message at this place is sealed for.
func bind(region, namespace, path string) keyring.Binding {
	return keyring.Bind("variable", region, namespace, path)
}

// maxLeft is how many leftovers are remembered; there is one for each kill.
const maxLeft = 1000

func (d *Directory) noteLeft(path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.left) < maxLeft {
		d.left[path] = true
	}
}
