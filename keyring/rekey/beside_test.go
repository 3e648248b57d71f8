package rekey

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
)

// rewrite puts a message of its own in the place of message i, as another process would.
func (m *memory) rewrite(t testing.TB, ring *keyring.Ring, i int) {
	t.Helper()
	msg, err := ring.Seal(nil, plaintext(i), m.places[i])
	if err != nil {
		t.Fatal(err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.messages[i] = msg
}

func TestWhatOthersWroteIsLookedAtAgain(t *testing.T) {
	ring, stale := newRings(t, nil)
	m := &memory{}
	m.fill(t, ring, 300)
	active := rotate(t, ring)
	writes := make(map[int]int)
	m.onReplace = func(i int) error {
		writes[i]++
		switch {
		case i == 100 && writes[i] == 1:
			m.rewrite(t, ring, i) // under the active key
		case i == 150 && writes[i] == 1:
			m.rewrite(t, stale, i) // by a process that has not heard of the rotation
		case i == 200:
			m.rewrite(t, stale, i) // and does so all the time
		}
		return nil
	}
	r := mustRun(t, ring, m, nil)
	wantCounts(t, r.Counts, Counts{Records: 300, Resealed: 298, Current: 1, Skipped: 1})
	wantAllUnder(t, ring, active, m, 0, 200)
	if r.Cursor != cursor(299) {
		t.Errorf("cursor is %s after the second look", r.Cursor)
	}
}

func TestASecondLookCanFail(t *testing.T) {
	ring, stale := newRings(t, nil)
	m := &memory{}
	m.fill(t, ring, 10)
	rotate(t, ring)
	m.onReplace = func(i int) error {
		switch i {
		case 3:
			m.rewrite(t, stale, i)
			m.unread = map[int]error{3: errors.New("permission denied")}
		case 5:
			m.rewrite(t, stale, i)
			m.gone = map[int]bool{5: true}
		}
		return nil
	}
	r := mustRun(t, ring, m, nil)
	wantCounts(t, r.Counts, Counts{Records: 10, Resealed: 8, Failed: 1, Skipped: 1})
	if len(r.Failures) != 1 || r.Failures[0].Where != "default/app/3" {
		t.Errorf("failures are %v", r.Failures)
	}
}

// TestAFlushThatWasOverrunIsDoneOver has somebody else write between the replacements and their flush, twice.
func TestAFlushThatWasOverrunIsDoneOver(t *testing.T) {
	ring := newRing(t, nil)
	m := &memory{staged: make(map[int][]byte)}
	m.fill(t, ring, 300)
	active := rotate(t, ring)
	overruns := 2
	m.onFlush = func() error {
		if overruns--; overruns >= 0 {
			m.rewrite(t, ring, 10*overruns)
			return fmt.Errorf("file: %w", source.ErrChanged)
		}
		return nil
	}
	r := mustRun(t, ring, m, nil)
	wantCounts(t, r.Counts, Counts{Records: 300, Resealed: 298, Current: 2})
	wantAllUnder(t, ring, active, m, 0)
	if m.flushes != 3 {
		t.Errorf("%d flushes, want 3", m.flushes)
	}
}

func TestASourceThatIsOverrunForEverEndsTheRun(t *testing.T) {
	ring := newRing(t, nil)
	m := &memory{staged: make(map[int][]byte)}
	m.fill(t, ring, 10)
	rotate(t, ring)
	m.onFlush = func() error { return source.ErrChanged }
	r, err := Run(t.Context(), ring, m, nil)
	if !errors.Is(err, source.ErrChanged) || m.flushes != maxOverruns {
		t.Errorf("error is %v after %d flushes, want %v after %d", err, m.flushes, source.ErrChanged, maxOverruns)
	}
	wantCounts(t, r.Counts, Counts{})
}

func TestAFlushThatFailsEndsTheRun(t *testing.T) {
	ring := newRing(t, nil)
	m := &memory{staged: make(map[int][]byte)}
	m.fill(t, ring, 10)
	rotate(t, ring)
	m.onFlush = func() error { return errors.New("disk full") }
	r, err := Run(t.Context(), ring, m, nil)
	if err == nil || err.Error() != "rekey memory: flush: disk full" {
		t.Errorf("error is %v", err)
	}
	wantCounts(t, r.Counts, Counts{})
	if r.Cursor != "" {
		t.Errorf("cursor is %q, and nothing is known to be flushed", r.Cursor)
	}
}

// TestNoAcknowledgedWriteIsLost has writers replace messages all through several runs, by compare-and-swap as rekey
// does. Each message says which write it was: the last one that was acknowledged must be there at the end.
func TestNoAcknowledgedWriteIsLost(t *testing.T) {
	ring := newRing(t, nil)
	m := &memory{}
	m.fill(t, ring, 500)
	rotate(t, ring)
	const writers = 4
	var acknowledged [500]string
	done := make(chan struct{})
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				i := rand.IntN(500/writers)*writers + w
				text := fmt.Sprintf("write %d of %d", n, w)
				rec := m.record(i)
				msg, err := ring.Seal(nil, []byte(text), rec.Place)
				if err != nil {
					panic(err)
				}
				if m.swap(i, rec.Sealed, msg) {
					acknowledged[i] = text
				}
			}
		})
	}
	var resealed, skipped int64
	for range 20 {
		rotate(t, ring)
		r := mustRun(t, ring, m, nil)
		resealed, skipped = resealed+r.Resealed, skipped+r.Skipped
	}
	close(done)
	writing.Wait()
	for i, want := range acknowledged {
		got, err := ring.Open(nil, m.messages[i], m.places[i])
		if err != nil || want != "" && string(got) != want {
			t.Errorf("record %d opens as %q, %v; %q was acknowledged", i, got, err, want)
		}
	}
	t.Logf("%d resealed, %d skipped", resealed, skipped)
}

// swap replaces message i if it still is old.
func (m *memory) swap(i int, old, next []byte) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if string(m.messages[i]) != string(old) {
		return false
	}
	m.messages[i] = next
	return true
}

func TestRotationInTheMiddleOfARun(t *testing.T) {
	ring := newRing(t, nil)
	m := &memory{}
	m.fill(t, ring, 5000)
	rotate(t, ring)
	var last keystore.ID
	m.onReplace = func(i int) error {
		if i == 2000 {
			last = rotate(t, ring)
		}
		return nil
	}
	r := mustRun(t, ring, m, nil)
	wantCounts(t, r.Counts, Counts{Records: 5000, Resealed: 5000})
	if r.Superseded != 2001 {
		t.Errorf("%d superseded, want 2001: nothing is written under a key that is not active any more", r.Superseded)
	}
	wantAllUnder(t, ring, last, m, 2001)
	m.onReplace = nil
	r = mustRun(t, ring, m, nil)
	wantCounts(t, r.Counts, Counts{Records: 5000, Resealed: 2001, Current: 2999})
	wantAllUnder(t, ring, last, m, 0)
}

// TestRotationByAnotherProcess has another ring of the store rotate and write: its key is not known here when its
// message is met.
func TestRotationByAnotherProcess(t *testing.T) {
	ring, other := newRings(t, nil)
	m := &memory{}
	m.fill(t, ring, 1000)
	rotate(t, ring)
	var last keystore.ID
	m.onReplace = func(i int) error {
		if i == 500 {
			last = rotate(t, other)
			for i := 900; i < 1000; i++ {
				m.rewrite(t, other, i)
			}
		}
		return nil
	}
	r := mustRun(t, ring, m, nil)
	if r.Failed != 0 || r.Skipped != 0 || r.Records != 1000 {
		t.Errorf("counts are %+v; failures %v", r.Counts, r.Failures)
	}
	m.onReplace = nil
	if id, _ := keyring.MessageKey(m.messages[999]); id != last {
		t.Errorf("the other process's message is under %s, want %s", id, last)
	}
	mustRun(t, ring, m, nil)
	wantAllUnder(t, ring, last, m, 0)
}

// TestEndOfContext ends a run in its middle: what was replaced is flushed and counted, and another run goes on behind it.
func TestEndOfContext(t *testing.T) {
	ring := newRing(t, nil)
	m := &memory{staged: make(map[int][]byte)}
	m.fill(t, ring, 5000)
	active := rotate(t, ring)
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("the operator has gone home")
	m.onReplace = func(i int) error {
		if i == 1234 {
			cancel(stop)
		}
		return nil
	}
	r, err := Run(ctx, ring, m, nil)
	if !errors.Is(err, stop) {
		t.Errorf("error is %v", err)
	}
	wantCounts(t, r.Counts, Counts{Records: 1235, Resealed: 1235})
	if r.Cursor != cursor(1234) || m.flushes != 1 {
		t.Fatalf("cursor %s, %d flushes", r.Cursor, m.flushes)
	}
	r = mustRun(t, ring, m, &Options{After: r.Cursor})
	wantCounts(t, r.Counts, Counts{Records: 5000 - 1235, Resealed: 5000 - 1235})
	wantAllUnder(t, ring, active, m, 0)

	r, err = Run(ctx, ring, m, nil)
	if !errors.Is(err, stop) {
		t.Errorf("a run that never began: %v", err)
	}
	wantCounts(t, r.Counts, Counts{})
}
