package sourcetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sealwax/sealwax/keyring/source"
)

// testWriters rekeys over and over while programs beside it write new versions. A rekey's replacement has the version
// of what it replaced, and a mark: so a version that is older than the last one that a program wrote is a write that
// was lost.
func testWriters(t *testing.T, h Harness) {
	const writers, versions, rounds = 4, 40, 12
	ms := messages(writers)
	s := h.New(t, ms)
	var wg sync.WaitGroup
	var writing atomic.Int32
	for _, m := range ms {
		writing.Add(1)
		wg.Go(func() {
			defer writing.Add(-1)
			for v := 1; v <= versions; v++ {
				h.Put(t, s, m.next(v))
			}
		})
	}
	replaced, changed := 0, 0
	for round := 0; round < rounds || writing.Load() > 0; round++ {
		ok, not := rekeyOnce(t, s)
		replaced, changed = replaced+ok, changed+not
	}
	wg.Wait()
	for _, m := range ms {
		r := find(t, s, m)
		if v := version(t, r); v != versions {
			t.Errorf("%s has version %d, and %d was written last", r.Where, v, versions)
		}
	}
	t.Logf("%d replaced, %d changed meanwhile", replaced, changed)
}

// mark is what a rekey appends to the messages that do not have it.
const mark = '\xff'

func rekeyOnce(t *testing.T, s source.Source) (replaced, changed int) {
	for r, err := range s.Records(t.Context(), "") {
		if err != nil || r.Err != nil {
			t.Errorf("walk beside writers: %s: %v", r.Where, errors.Join(err, r.Err))
			break
		}
		next := slices.Concat(r.Sealed, []byte{mark})
		if r.Sealed[len(r.Sealed)-1] == mark {
			next = r.Sealed[:len(r.Sealed)-1]
		}
		switch err := s.Replace(t.Context(), r, next); {
		case err == nil:
			replaced++
		case errors.Is(err, source.ErrChanged):
			changed++
		default:
			t.Errorf("Replace beside writers: %v", err)
		}
	}
	if err := s.Flush(t.Context()); errors.Is(err, source.ErrChanged) {
		changed, replaced = changed+replaced, 0
	} else if err != nil {
		t.Errorf("Flush beside writers: %v", err)
	}
	return replaced, changed
}

func version(t *testing.T, r source.Record) int {
	t.Helper()
	var i, v int
	if _, err := fmt.Sscanf(string(r.Sealed[1:]), "%d %d", &i, &v); err != nil {
		t.Fatalf("%s: %.20q: %v", r.Where, r.Sealed, err)
	}
	return v
}
