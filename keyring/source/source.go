// Package source reads sealed messages where they lie, and replaces them: for a census and for a rekey.
//
// [Dir] is a directory tree with a message in each file, [JSONL] a file with one in each line. Whatever else has messages
// implements [Source]; package sourcetest has the tests for that.
package source

import (
	"context"
	"errors"
	"iter"

	"github.com/sealwax/sealwax/keyring"
)

// A Source is a place where sealed messages lie. Methods may be called concurrently, but for Replace, Flush and Close, of
// which one is called at a time, by whichever goroutine, Replace in the order of the records.
type Source interface {
	// String names the source for people: "dir:/var/lib/app".
	String() string

	// Records yields every record behind the cursor after, "" for the first, in the order of cursors. It holds a
	// bounded number of them in memory. What is added or replaced meanwhile may or may not be among them; what was
	// there all the time is, once. A record that cannot be read has an Err, and the next one follows. An error that
	// ends the walk, or says that part of the source was out of reach, is yielded last, with a zero Record.
	//
	// A walk goes on while records are replaced and flushed, and a cursor stays good then: also for another process.
	Records(ctx context.Context, after string) iter.Seq2[Record, error]

	// Replace puts sealed in the place of rec.Sealed. If what is there now is not rec.Sealed any more it changes
	// nothing, and returns ErrChanged. It may be that readers see the replacement only after Flush. It keeps neither
	// slice. Its errors, and those of Flush, name neither source nor record: who calls it has both.
	Replace(ctx context.Context, rec Record, sealed []byte) error

	// Flush makes durable what was replaced. After an error none or all of what was replaced since the last Flush may
	// be there; with ErrChanged somebody else was at work, and another walk finds what there is.
	Flush(ctx context.Context) error

	// Close gives up what was not flushed, and lets go of files and locks. It never fails for want of something to do.
	Close() error
}

// A Sizer is a Source that can tell quickly how many records it has, about.
type Sizer interface {
	Size(ctx context.Context) (records int64, err error)
}

// A Record is one sealed message and where it lies.
type Record struct {
	Cursor    string          // of this record: Records(ctx, Cursor) goes on behind it
	Where     string          // for people: "default/app/db", "line 17 (default/app/db)"
	Namespace string          // of the place, "" if it is not known
	Place     keyring.Binding // what it was sealed for
	Sealed    []byte          // the message; it is the consumer's
	Err       error           // why it could not be read; then Place and Sealed are not set
}

// ErrChanged: the record is not what was read any more: somebody has replaced it, moved it or taken it away.
var ErrChanged = errors.New("changed meanwhile")

// ErrReadOnly: the source is for reading only.
var ErrReadOnly = errors.New("source is read-only")

// ErrUnwritable is in the chain of an error of Replace that the next record would meet as well: somebody else has the
// lock, the disk is full, nobody may write there.
var ErrUnwritable = errors.New("nothing can be replaced there now")

// ErrNoMessage is in the chain of a Record's Err when it was read, and is no sealed message of any key. Without it nobody
// knows what is there, and it may be a message of the very key that somebody wants to destroy.
var ErrNoMessage = errors.New("not a sealed message")
