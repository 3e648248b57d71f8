package source

import (
	"context"
	"iter"
)

// ReadOnly returns s as one that refuses Replace, with ErrReadOnly: for backups, which a census counts and nobody rewrites.
// It is a Sizer if s is one.
func ReadOnly(s Source) Source {
	r := readOnly{s}
	if sizer, ok := s.(Sizer); ok {
		return sizedReadOnly{r, sizer}
	}
	return r
}

type readOnly struct{ source Source }

type sizedReadOnly struct {
	readOnly
	Sizer
}

var (
	_ Source = readOnly{}
	_ Sizer  = sizedReadOnly{}
)

// String names the source that is read.
func (r readOnly) String() string { return r.source.String() }

// Records yields the records of the source that is read.
func (r readOnly) Records(ctx context.Context, after string) iter.Seq2[Record, error] {
	return r.source.Records(ctx, after)
}

// Replace returns ErrReadOnly.
func (r readOnly) Replace(context.Context, Record, []byte) error { return ErrReadOnly }

// Flush has nothing to do.
func (readOnly) Flush(context.Context) error { return nil }

// Close closes the source that is read.
func (r readOnly) Close() error { return r.source.Close() }
