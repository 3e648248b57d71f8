package keystore

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"sync"
)

// Memory is a Store in memory, for tests and for programs that keep their keystore elsewhere. The zero Memory is empty
// and ready to use. It must not be copied.
type Memory struct {
	mu       sync.Mutex
	current  []byte // nil: none
	previous []byte // nil: none
	writes   uint64
}

var (
	_ Store           = (*Memory)(nil)
	_ Stamper         = (*Memory)(nil)
	_ PreviousRemover = (*Memory)(nil)
)

// NewMemory returns an empty store.
func NewMemory() *Memory { return new(Memory) }

// Read returns a copy of the current bytes.
func (m *Memory) Read(ctx context.Context) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.readyLocked(ctx); err != nil {
		return nil, fmt.Errorf("keystore: read memory: %w", err)
	}
	return bytes.Clone(m.current), nil
}

// Write replaces the bytes whose digest is prev by a copy of data.
func (m *Memory) Write(ctx context.Context, prev Digest, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := ctx.Err()
	if err == nil {
		err = m.swapLocked(prev, data)
	}
	if err != nil {
		return fmt.Errorf("keystore: write memory: %w", err)
	}
	return nil
}

func (m *Memory) swapLocked(prev Digest, data []byte) error {
	if len(data) > MaxSize {
		return tooLarge(int64(len(data)))
	}
	if got := digestOrZero(m.current); got != prev {
		return conflict(got, prev)
	}
	m.previous, m.current = m.current, append([]byte{}, data...) // not nil, even of no bytes
	m.writes++
	return nil
}

// Stamp returns the number of writes so far.
func (m *Memory) Stamp(ctx context.Context) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.readyLocked(ctx); err != nil {
		return "", fmt.Errorf("keystore: stat memory: %w", err)
	}
	return strconv.FormatUint(m.writes, 10), nil
}

// Previous returns a copy of the bytes before the current ones, nil if there are none.
func (m *Memory) Previous() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.previous)
}

// RemovePrevious forgets the bytes before the current ones.
func (m *Memory) RemovePrevious(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("keystore: remove the previous generation from memory: %w", err)
	}
	clear(m.previous)
	m.previous = nil
	return nil
}

// readyLocked returns an error if there is nothing to read. The caller holds mu.
func (m *Memory) readyLocked(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.current == nil {
		return ErrNotFound
	}
	return nil
}

func digestOrZero(data []byte) Digest {
	if data == nil {
		return Digest{}
	}
	return DigestOf(data)
}
