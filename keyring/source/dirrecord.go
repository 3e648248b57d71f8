package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"unicode/utf8"

	"github.com/sealwax/sealwax/internal/durable"
)

// record reads the file at p, which is e in dir.
func (d *Directory) record(dir durable.FS, p place, e entry) Record {
	rec := Record{Cursor: p.cursor(), Where: p.where()}
	namespace, path := p.namespace()
	switch {
	case path == "" && e.kind.IsRegular():
		rec.Err = d.outside(dir, e.name)
	case path == "":
		rec.Err = errOutside
	case !utf8.ValidString(string(p)):
		rec.Err = errors.New("its name is not UTF-8, and nothing is sealed for such a path")
	case e.kind&fs.ModeSymlink != 0:
		rec.Err = errors.New("is a symbolic link, which is not followed")
	case !e.kind.IsRegular():
		rec.Err = fmt.Errorf("%w: it is not a regular file", ErrNoMessage)
	}
	rec.Namespace = namespace
	if rec.Err != nil {
		return rec
	}
	found, err := d.read(dir, e.name)
	if err != nil {
		rec.Err = err
		return rec
	}
	rec.Sealed, rec.Place = found.msg, bind(d.region, namespace, path)
	return rec
}

var errOutside = errors.New("is in no folder of a namespace: a message is at ROOT/NAMESPACE/PATH")

// outside returns what is wrong with a file beside the namespaces. One that is no message, as a README, is in nobody's way; a
// message may be of any key, and there is no telling what it was sealed for.
func (d *Directory) outside(dir durable.FS, name string) error {
	if _, err := d.read(dir, name); errors.Is(err, ErrNoMessage) {
		return err
	}
	return errOutside
}

// A found is a message in its file.
type found struct {
	msg      []byte
	encoding encoding
	content  []byte
	attr     durable.Attr
}

// read reads a file and decodes the message in it.
func (d *Directory) read(dir durable.FS, name string) (found, error) {
	f, err := dir.Open(name)
	if err != nil {
		return found{}, cause(err)
	}
	defer f.Close() // opened for reading
	info, err := f.Stat()
	if err != nil {
		return found{}, cause(err)
	}
	if !info.Mode.IsRegular() {
		return found{}, fmt.Errorf("%w: it is not a regular file", ErrNoMessage)
	}
	content, err := readAll(f, info.Size, fileSize(d.max))
	if err != nil {
		return found{}, cause(err)
	}
	msg, enc, err := decode(content)
	return found{msg, enc, content, info.Attr()}, err
}

// readAll reads a file of about size bytes, and refuses one of more than limit.
func readAll(f io.Reader, size, limit int64) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(min(size, limit)) + bytes.MinRead)
	if _, err := b.ReadFrom(io.LimitReader(f, limit+1)); err != nil {
		return nil, err
	}
	if int64(b.Len()) > limit {
		return nil, fmt.Errorf("has more than the %d bytes that a message may have", limit)
	}
	return b.Bytes(), nil
}
