package rekey

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

// memory is a source in memory. What is replaced shows at once, or, with a flush to wait for, then.
type memory struct {
	mu       sync.Mutex
	messages [][]byte
	places   []keyring.Binding
	staged   map[int][]byte // not flushed yet; nil: replacements show at once
	replaces int
	flushes  int

	onReplace func(i int) error // before a replacement; nil for nothing
	onFlush   func() error
	unread    map[int]error // records that cannot be read
	gone      map[int]bool  // records that were taken away
	walkEnds  error         // what ends a walk, after the last record
	unsized   bool
	slow      time.Duration // before each record
	yielded   atomic.Int64
}

var (
	_ source.Source = (*memory)(nil)
	_ source.Sizer  = (*memory)(nil)
)

func place(i int) keyring.Binding {
	return keyring.Bind("variable", "global", "default", fmt.Sprintf("app/%d", i))
}

func plaintext(i int) []byte { return fmt.Appendf(nil, "secret %d", i) }

// fill adds n messages to m, sealed by ring.
func (m *memory) fill(t testing.TB, ring *keyring.Ring, n int) {
	t.Helper()
	for range n {
		i := len(m.messages)
		msg, err := ring.Seal(nil, plaintext(i), place(i))
		if err != nil {
			t.Fatal(err)
		}
		m.messages, m.places = append(m.messages, msg), append(m.places, place(i))
	}
}

func (*memory) String() string { return "memory" }
func (*memory) Close() error   { return nil }

func (m *memory) Size(context.Context) (int64, error) {
	if m.unsized {
		return 0, fmt.Errorf("nobody has counted")
	}
	return int64(len(m.messages)), nil
}

func (m *memory) Records(ctx context.Context, after string) iter.Seq2[source.Record, error] {
	return func(yield func(source.Record, error) bool) {
		for i := range m.messages {
			if cursor(i) <= after || m.gone[i] {
				continue
			}
			if ctx.Err() != nil {
				yield(source.Record{}, context.Cause(ctx))
				return
			}
			time.Sleep(m.slow)
			m.yielded.Add(1)
			if !yield(m.record(i), nil) {
				return
			}
		}
		if m.walkEnds != nil {
			yield(source.Record{}, m.walkEnds)
		}
	}
}

func cursor(i int) string { return fmt.Sprintf("%08d", i) }

func (m *memory) record(i int) source.Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	rec := source.Record{Cursor: cursor(i), Where: fmt.Sprintf("default/app/%d", i)}
	if rec.Err = m.unread[i]; rec.Err == nil {
		rec.Place, rec.Sealed = m.places[i], bytes.Clone(m.messages[i])
	}
	return rec
}

func (m *memory) Replace(_ context.Context, rec source.Record, sealed []byte) error {
	var i int
	fmt.Sscanf(rec.Cursor, "%d", &i)
	m.replaces++
	if m.onReplace != nil {
		if err := m.onReplace(i); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !bytes.Equal(m.messages[i], rec.Sealed) {
		return fmt.Errorf("%s: %w", rec.Where, source.ErrChanged)
	}
	if m.staged != nil {
		m.staged[i] = bytes.Clone(sealed)
	} else {
		m.messages[i] = bytes.Clone(sealed)
	}
	return nil
}

func (m *memory) Flush(context.Context) error {
	m.flushes++
	var err error
	if m.onFlush != nil {
		err = m.onFlush()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err == nil {
		for i, msg := range m.staged {
			m.messages[i] = msg
		}
	}
	clear(m.staged)
	return err
}

// keks returns one KEK whose key nobody else has.
func keks(t testing.TB) []*wrappers.KEK {
	t.Helper()
	key := make([]byte, 32)
	rand.Read(key)
	w, err := local.New(key)
	if err != nil {
		t.Fatal(err)
	}
	k, err := wrappers.New(w, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return []*wrappers.KEK{k}
}

// newRing returns a ring in memory. change may be nil.
func newRing(t testing.TB, change func(*keyring.Options)) *keyring.Ring {
	t.Helper()
	ring, _ := newRings(t, change)
	return ring
}

// newRings returns two rings on one store that only look at it when they are told to.
func newRings(t testing.TB, change func(*keyring.Options)) (ring, other *keyring.Ring) {
	t.Helper()
	o := &keyring.Options{Cluster: "dev", Region: "global", RefreshInterval: -1}
	if change != nil {
		change(o)
	}
	store, keks := keystore.NewMemory(), keks(t)
	for _, open := range []func(context.Context, keystore.Store, []*wrappers.KEK, *keyring.Options) (*keyring.Ring, error){keyring.Create, keyring.Load} {
		r, err := open(context.Background(), store, keks, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		ring, other = other, r
	}
	return ring, other
}

func rotate(t testing.TB, ring *keyring.Ring) keystore.ID {
	t.Helper()
	id, err := ring.Rotate(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// wantAllUnder fails unless every message of m opens as what was sealed, but for those in except, and those from the
// first on are under the key id.
func wantAllUnder(t testing.TB, ring *keyring.Ring, id keystore.ID, m *memory, first int, except ...int) {
	t.Helper()
	for i, msg := range m.messages {
		if slices.Contains(except, i) {
			continue
		}
		if got, err := ring.Open(nil, msg, m.places[i]); err != nil || !bytes.Equal(got, plaintext(i)) {
			t.Fatalf("message %d opens as %q, %v; want %q", i, got, err, plaintext(i))
		}
		if got, _ := keyring.MessageKey(msg); got != id && i >= first {
			t.Fatalf("message %d is under key %s, want %s", i, got, id)
		}
	}
}
