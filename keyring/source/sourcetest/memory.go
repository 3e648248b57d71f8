package sourcetest

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"sync"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
)

// Memory is a source.Source in memory, for the tests of those who use one. Make one with [NewMemory].
type Memory struct {
	mu      sync.Mutex
	records []memoryRecord // in the order of their cursors, which are numbers that never change
	fail    error
}

type memoryRecord struct {
	Message
	err error
}

var (
	_ source.Source = (*Memory)(nil)
	_ source.Sizer  = (*Memory)(nil)
)

// NewMemory returns a source of these messages, whose slices it keeps.
func NewMemory(messages []Message) *Memory {
	m := &Memory{records: make([]memoryRecord, len(messages))}
	for i, one := range messages {
		m.records[i].Message = one
	}
	return m
}

// String returns "memory".
func (*Memory) String() string { return "memory" }

// Put puts a message in the place of the one with its namespace and path; nil for Sealed takes that away, and err is what
// the record cannot be read for. A message of another place is added.
func (m *Memory) Put(one Message, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.records {
		if r := &m.records[i]; r.Namespace == one.Namespace && r.Path == one.Path {
			r.Sealed, r.err = one.Sealed, err
			return
		}
	}
	m.records = append(m.records, memoryRecord{one, err})
}

// Fail makes every walk from now on end with err behind the last record, nil for none.
func (m *Memory) Fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

// Records walks the messages.
func (m *Memory) Records(ctx context.Context, after string) iter.Seq2[source.Record, error] {
	return func(yield func(source.Record, error) bool) {
		n := 0
		if after != "" {
			var err error
			if n, err = strconv.Atoi(after); err != nil {
				yield(source.Record{}, err)
				return
			}
		}
		for ; ; n++ {
			rec, ok, err := m.record(ctx, n)
			switch {
			case err != nil:
				yield(source.Record{}, err)
				return
			case !ok:
				return
			case (rec.Sealed != nil || rec.Err != nil) && !yield(rec, nil):
				return
			}
		}
	}
}

// record returns record n, and false or the error that ends a walk behind the last.
func (m *Memory) record(ctx context.Context, n int) (source.Record, bool, error) {
	if err := ctx.Err(); err != nil {
		return source.Record{}, false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if n >= len(m.records) {
		return source.Record{}, false, m.fail
	}
	r := m.records[n]
	rec := source.Record{Cursor: strconv.Itoa(n + 1), Where: r.Namespace + "/" + r.Path, Namespace: r.Namespace, Err: r.err}
	if r.err == nil {
		rec.Sealed, rec.Place = bytes.Clone(r.Sealed), keyring.Bind("variable", Region, r.Namespace, r.Path)
	}
	return rec, true, nil
}

// Replace replaces a message at once.
func (m *Memory) Replace(ctx context.Context, rec source.Record, sealed []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	n, err := strconv.Atoi(rec.Cursor)
	if err != nil || n < 1 {
		return fmt.Errorf("cursor %q", rec.Cursor)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if n > len(m.records) || m.records[n-1].err != nil || m.records[n-1].Sealed == nil || !bytes.Equal(m.records[n-1].Sealed, rec.Sealed) {
		return source.ErrChanged
	}
	m.records[n-1].Sealed = slices.Clone(sealed)
	return nil
}

// Flush has nothing to do.
func (*Memory) Flush(context.Context) error { return nil }

// Close has nothing to do.
func (*Memory) Close() error { return nil }

// Size returns how many messages there are.
func (m *Memory) Size(context.Context) (records int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.records {
		if r.Sealed != nil || r.err != nil {
			records++
		}
	}
	return records, nil
}
