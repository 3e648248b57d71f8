package source

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"strconv"
	"strings"
)

// cursorOf returns "N-CHECKSUM": of the place, which a replacement keeps, or of the line where nobody can tell its place.
func cursorOf(n int64, b []byte, p place) string {
	h := fnv.New64a()
	if p != "/" {
		b = []byte(p)
	}
	h.Write(b)
	return strconv.FormatInt(n, 10) + "-" + strconv.FormatUint(h.Sum64(), 36)
}

// lineOf returns the number of the line that a cursor is of.
func lineOf(cursor string) (int64, error) {
	number, _, _ := strings.Cut(cursor, "-")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("cursor %q: it is not of this source", cursor)
	}
	return n, nil
}

// behind returns a reader whose next line is the one behind the cursor, or the first.
func (l *Lines) behind(ctx context.Context, f *os.File, cursor string) (*lineReader, error) {
	r := newLineReader(f, l.max)
	if cursor == "" {
		return r, nil
	}
	n, err := lineOf(cursor)
	if err != nil {
		return nil, err
	}
	for r.n < n-1 && err == nil {
		if err = ctx.Err(); err == nil {
			err = r.copyTo(io.Discard)
		}
	}
	if err == nil {
		var b []byte
		b, err = r.next()
		if rec, _ := l.record(r.n, b); rec.Cursor == cursor && (err == nil || errors.Is(err, errLong)) {
			return r, nil
		}
	}
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errLong) {
		return nil, err
	}
	_, err = f.Seek(0, io.SeekStart)
	return newLineReader(f, l.max), err
}
