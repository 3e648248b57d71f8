package source

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// A lineReader reads a file line by line.
type lineReader struct {
	r      *bufio.Reader
	max    int64
	n      int64  // of the line that was returned last, from 1
	inside bool   // that line goes on
	buf    []byte // for a line that is longer than the reader's
}

func newLineReader(r io.Reader, max int64) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, 1<<16), max: max}
}

// otherFields is how long a line may be beside the message in it.
const otherFields = 1 << 20

var errLong = errors.New("the line is too long")

// next returns the next line with its newline, which the last one may lack. It is valid until the next call. The error is
// io.EOF after the last, and errLong for a line that is longer than max, of which next returns the beginning.
func (l *lineReader) next() ([]byte, error) {
	if err := l.rest(io.Discard); err != nil {
		return nil, err
	}
	b, err := l.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		b, err = l.long(b)
	}
	if errors.Is(err, io.EOF) && len(b) > 0 {
		err = nil
	}
	if err == nil || errors.Is(err, errLong) {
		l.n++
	}
	return b, err
}

func (l *lineReader) long(b []byte) ([]byte, error) {
	l.buf = append(l.buf[:0], b...)
	for {
		b, err := l.r.ReadSlice('\n')
		l.buf = append(l.buf, b...)
		full := errors.Is(err, bufio.ErrBufferFull)
		if int64(len(l.buf)) > l.max {
			l.inside = full
			return l.buf, fmt.Errorf("%w: it has more than %d bytes", errLong, l.max)
		}
		if !full {
			return l.buf, err
		}
	}
}

// rest copies what is left of a line that was too long.
func (l *lineReader) rest(w io.Writer) error {
	for l.inside {
		b, err := l.r.ReadSlice('\n')
		l.inside = errors.Is(err, bufio.ErrBufferFull)
		if err != nil && !l.inside && !errors.Is(err, io.EOF) {
			return err
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// copyTo copies the next line, however long it is. The error after the last is io.EOF.
func (l *lineReader) copyTo(w io.Writer) error {
	if err := l.rest(io.Discard); err != nil {
		return err
	}
	b, err := l.r.ReadSlice('\n')
	l.inside = errors.Is(err, bufio.ErrBufferFull)
	if len(b) == 0 || err != nil && !l.inside && !errors.Is(err, io.EOF) {
		return err
	}
	l.n++
	if _, err := w.Write(b); err != nil {
		return err
	}
	return l.rest(w)
}

// isBlank reports whether there is nothing in a line.
func isBlank(b []byte) bool { return len(bytes.Trim(b, " \t\r\n")) == 0 }
