package source

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strconv"

	"github.com/sealwax/sealwax/internal/durable"
)

// Lines is a Source in a file of JSON Lines. Make one with [JSONL].
type Lines struct {
	path, region string
	max          int64 // of a line

	open func(durable.Root) folder // what crash tests change
	work *rewriting                // nil if nothing was replaced since the last Flush

	looked bool // for what a killed rekey has left
}

var (
	_ Source = (*Lines)(nil)
	_ Sizer  = (*Lines)(nil)
)

// JSONL returns the source of the messages of a region in a file of JSON Lines: objects with the strings "namespace",
// "path" and "sealed", which is a message in base64. Everything else in the file is kept byte for byte. It does no I/O.
//
// The order is that of the lines, and Where has their numbers, from 1. A line that cannot be read is a record with an
// Err and is kept as it is: one that is not JSON (RFC 8259, in UTF-8), has one of the three twice or as something else
// than a string, or is longer than the longest message and 1 MiB. Blank lines are nothing.
//
// A cursor is the number of a line and a checksum of its place. If that is not in that line any more, somebody has
// taken away lines or added some, and a walk behind the cursor begins at the first line: so nothing is left out.
//
// # Replacing
//
// Replace writes a copy beside the file, under a lock (FILE.rekey.lock) that keeps other rekeys away; Flush copies the
// rest and exchanges the two, if the file is still the one that was copied: else it goes back, Flush returns
// ErrChanged, and all that was replaced since the last Flush is as it was. So a program that replaces the file by a
// rename, at any time, loses nothing, nor does one that has appended before Flush; one that has the file open and
// appends to it during Flush does, and must rest. Each Flush costs a copy of the file: a rekey spends a twentieth of its
// time on that, unless the lease of its ring is too short for it.
func JSONL(file, region string, o *Options) *Lines {
	return &Lines{path: file, region: region, max: fileSize(o.maxMessage()) + otherFields,
		open: func(r durable.Root) folder { return r }}
}

// String returns "jsonl:FILE".
func (l *Lines) String() string { return "jsonl:" + l.path }

// Records reads the file as it is now: what replaces it meanwhile is not seen, by this walk.
func (l *Lines) Records(ctx context.Context, after string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		f, _, err := l.openFile()
		if err != nil {
			yield(Record{}, err)
			return
		}
		defer f.Close() // opened for reading
		r, err := l.behind(ctx, f, after)
		for err == nil {
			var rec Record
			var ok bool
			if rec, ok, err = l.next(ctx, r); ok && !yield(rec, nil) {
				return
			}
		}
		if !errors.Is(err, io.EOF) {
			yield(Record{}, err)
		}
	}
}

var errNoFile = errors.New("is not a regular file")

// openFile opens the file for reading. What is none is not opened: a pipe would wait for its other end for ever.
func (l *Lines) openFile() (*os.File, os.FileInfo, error) {
	info, err := os.Stat(l.path)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%s %w", l.path, errNoFile)
	}
	f, err := os.Open(l.path)
	return f, info, err
}

// next returns the record of the next line, if there is one in it.
func (l *Lines) next(ctx context.Context, r *lineReader) (Record, bool, error) {
	if err := ctx.Err(); err != nil {
		return Record{}, false, err
	}
	b, err := r.next()
	long := errors.Is(err, errLong)
	if err != nil && !long || !long && isBlank(b) {
		return Record{}, false, err
	}
	rec, parsed := l.record(r.n, b)
	if long {
		rec.Err = err
	} else if rec.Err == nil {
		rec.Sealed, rec.Place = parsed.sealed, bind(l.region, parsed.namespace, parsed.path)
	}
	return rec, true, nil
}

// record returns the record of line n but for its message.
func (l *Lines) record(n int64, b []byte) (Record, line) {
	parsed, err := parseLine(b)
	p := place(parsed.namespace + "/" + parsed.path)
	rec := Record{Cursor: cursorOf(n, b, p), Namespace: parsed.namespace, Err: err}
	rec.Where = "line " + strconv.FormatInt(n, 10)
	if p != "/" {
		rec.Where += " (" + p.where() + ")"
	}
	return rec, parsed
}

// sample is how much of a file tells how long its lines are.
const sample = 1 << 20

// Size estimates the number of lines from the first of them.
func (l *Lines) Size(context.Context) (records int64, err error) {
	f, info, err := l.openFile()
	if err != nil {
		return 0, err
	}
	defer f.Close() // opened for reading
	b, err := bufio.NewReaderSize(f, sample).Peek(sample)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	n := int64(bytes.Count(b, []byte("\n")))
	if size := int64(len(b)); size < info.Size() && size > 0 {
		n = int64(float64(n) * float64(info.Size()) / float64(size))
	}
	return max(n, min(info.Size(), 1)), nil
}
