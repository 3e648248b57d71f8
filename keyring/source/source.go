// Package source reads sealed messages where they lie, and replaces them: for a census and for a rekey.
package source

import (
	"context"
	"errors"
	"iter"

	"github.com/sealwax/sealwax/keyring"
)

// A Source is a place where sealed messages lie. Methods may be called concurrently, but for Replace and Flush, which one
// goroutine calls, in the order of the records.
type Source interface {
	// String names the source for people: "dir:/var/lib/app".
	String() string

	// Records yields every record behind the cursor after, "" for the first, in the order of cursors. It holds a bounded
	// number of them in memory. What is added or replaced meanwhile may or may not be among them; what was there all the time
	// is, once. A record that cannot be read has an Err, and the next one follows. An error that ends the walk is yielded last,
	// with a zero Record.
	Records(ctx context.Context, after string) iter.Seq2[Record, error]

	// Replace puts sealed in the place of rec.Sealed. If what is there now is not rec.Sealed any more it changes nothing, and
	// returns ErrChanged. It may be that readers see the replacement only after Flush.
	Replace(ctx context.Context, rec Record, sealed []byte) error

	// Flush makes durable what was replaced.
	Flush(ctx context.Context) error
}

// A Sizer is a Source that can tell quickly how many records it has, about.
type Sizer interface {
	Size(ctx context.Context) (records int64, err error)
}

// A Record is one sealed message and where it lies.
type Record struct {
	Cursor string          // of this record: Records(ctx, Cursor) goes on behind it
	Where  string          // for people: "default/app/db", "line 17 (default/app/db)"
	Place  keyring.Binding // what it was sealed for
	Sealed []byte          // the message; it is the consumer's
	Err    error           // why it could not be read; then Place and Sealed are not set
}

// ErrChanged: the record is not what was read any more: somebody has replaced it, moved it or taken it away.
var ErrChanged = errors.New("changed meanwhile")

// ErrReadOnly: the source is for reading only.
var ErrReadOnly = errors.New("source is read-only")
