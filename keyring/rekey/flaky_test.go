package rekey

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
)

// flaky is a ring whose calls fail when a test says so.
type flaky struct {
	*keyring.Ring
	open, seal, refresh func(n int64) error // of the call with this number, from 1; nil for what the ring says
	opens, seals, looks atomic.Int64
}

func fault(f func(int64) error, n int64) error {
	if f == nil {
		return nil
	}
	return f(n)
}

func (f *flaky) Open(dst, msg []byte, where keyring.Binding) ([]byte, error) {
	if err := fault(f.open, f.opens.Add(1)); err != nil {
		return nil, err
	}
	return f.Ring.Open(dst, msg, where)
}

func (f *flaky) Seal(dst, plain []byte, where keyring.Binding) ([]byte, error) {
	if err := fault(f.seal, f.seals.Add(1)); err != nil {
		return nil, err
	}
	return f.Ring.Seal(dst, plain, where)
}

func (f *flaky) Refresh(ctx context.Context) error {
	if err := fault(f.refresh, f.looks.Add(1)); err != nil {
		return err
	}
	return f.Ring.Refresh(ctx)
}

// at returns what fails with err at call n.
func at(n int64, err error) func(int64) error {
	return func(call int64) error {
		if call == n {
			return err
		}
		return nil
	}
}

// flakyRun runs a rekey of 300 records with a flaky ring.
func flakyRun(t *testing.T, f *flaky, change func(m *memory)) (*memory, *Report, error) {
	t.Helper()
	f.Ring = newRing(t, nil)
	m := &memory{}
	m.fill(t, f.Ring, 300)
	rotate(t, f.Ring)
	if change != nil {
		change(m)
	}
	opts, err := (&Options{Workers: 1}).complete()
	if err != nil {
		t.Fatal(err)
	}
	r, err := start(t.Context(), f, m, opts)
	return m, r, err
}

func TestALeaseThatEndsBetweenLookAndSeal(t *testing.T) {
	f := &flaky{seal: at(100, keyring.ErrStale)}
	_, r, err := flakyRun(t, f, nil)
	if err != nil || f.looks.Load() != 2 {
		t.Errorf("error %v after %d looks at the store, want none after 2", err, f.looks.Load())
	}
	wantCounts(t, r.Counts, Counts{Records: 300, Resealed: 300})
}

func TestARingThatCannotSealEndsTheRun(t *testing.T) {
	for _, want := range []error{keyring.ErrNoActiveKey, keyring.ErrClosed} {
		m, r, err := flakyRun(t, &flaky{seal: at(200, want)}, nil)
		if !errors.Is(err, want) || r.Failed != 0 || m.flushes != 1 {
			t.Errorf("error %v with %+v and %d flushes, want %v", err, r.Counts, m.flushes, want)
		}
	}
	_, r, err := flakyRun(t, &flaky{open: at(200, keyring.ErrClosed)}, nil)
	if !errors.Is(err, keyring.ErrClosed) || r.Failed != 0 {
		t.Errorf("error %v with %+v", err, r.Counts)
	}
}

// TestUnknownKeysAskTheStoreSeldom: messages with keys that somebody has made up must not become a load on the store.
func TestUnknownKeysAskTheStoreSeldom(t *testing.T) {
	f := &flaky{}
	_, r, err := flakyRun(t, f, func(m *memory) {
		for i, msg := range m.messages {
			msg[3], msg[4] = byte(i), byte(i>>8)
		}
	})
	if err != nil || f.looks.Load() > 20 {
		t.Errorf("error %v after %d looks at the store for 300 records", err, f.looks.Load())
	}
	wantCounts(t, r.Counts, Counts{Records: 300, Failed: 300})
}

func TestAStoreThatCannotBeAskedForAKey(t *testing.T) {
	f := &flaky{refresh: at(2, errors.New("the disk is away"))}
	_, r, err := flakyRun(t, f, func(m *memory) { m.messages[299][3] ^= 1 })
	if err != nil {
		t.Fatal(err)
	}
	wantCounts(t, r.Counts, Counts{Records: 300, Resealed: 299, Failed: 1})
	if cause := r.Failures[0].Cause; !errors.Is(cause, keyring.ErrUnknownKey) || !strings.Contains(cause.Error(), "the disk is away") {
		t.Errorf("cause is %v", cause)
	}
}

// TestTheSecondLookEndsWithTheRing has the ring closed when what somebody else wrote is looked at again.
func TestTheSecondLookEndsWithTheRing(t *testing.T) {
	f := &flaky{}
	_, r, err := flakyRun(t, f, func(m *memory) {
		m.onReplace = func(i int) error {
			if i != 299 {
				return nil
			}
			m.onFlush = func() error { f.Close(); return nil }
			return source.ErrChanged
		}
	})
	if !errors.Is(err, keyring.ErrClosed) {
		t.Errorf("error is %v", err)
	}
	wantCounts(t, r.Counts, Counts{Records: 300, Resealed: 299, Skipped: 1})
}

// TestASecondLookThatIsOverrun has another writer spoil the flush of what was moved at the second look.
func TestASecondLookThatIsOverrun(t *testing.T) {
	m, r, err := flakyRun(t, &flaky{}, func(m *memory) {
		m.onReplace = func(i int) error {
			m.onReplace = nil
			return source.ErrChanged
		}
		m.onFlush = func() error {
			if m.flushes == 2 {
				return source.ErrChanged
			}
			return nil
		}
	})
	if err != nil || m.flushes != 2 {
		t.Errorf("error %v after %d flushes", err, m.flushes)
	}
	wantCounts(t, r.Counts, Counts{Records: 300, Resealed: 299, Skipped: 1})
	if r.Cursor != cursor(299) {
		t.Errorf("cursor is %s", r.Cursor)
	}
}

func TestAContextThatEndsInReplace(t *testing.T) {
	ring := newRing(t, nil)
	m := &memory{}
	m.fill(t, ring, 300)
	rotate(t, ring)
	ctx, cancel := context.WithCancel(t.Context())
	m.onReplace = func(i int) error {
		if i == 200 {
			cancel()
			return ctx.Err()
		}
		return nil
	}
	r, err := Run(ctx, ring, m, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	wantCounts(t, r.Counts, Counts{Records: 200, Resealed: 200})
}
