package rekey

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring := newRing(t, nil)
		defer ring.Close()
		m := &memory{}
		m.fill(t, ring, 1000)
		rotate(t, ring)
		m.fill(t, ring, 1000) // which need not be replaced, and take no time
		began := time.Now()
		var told []Progress
		r := mustRun(t, ring, m, &Options{Rate: 50, OnProgress: func(p Progress) { told = append(told, p) }})
		took := time.Since(began)
		wantCounts(t, r.Counts, Counts{Records: 2000, Resealed: 1000, Current: 1000})
		if want := 20 * time.Second; took < want-200*time.Millisecond || took > want {
			t.Errorf("1000 records at 50 a second took %s, want %s", took, want)
		}
		if len(told) < 150 || len(told) > 203 {
			t.Errorf("progress was told %d times in %s", len(told), took)
		}
		if told[0] != (Progress{Total: 2000}) {
			t.Errorf("at the beginning progress is %+v", told[0])
		}
		middle, last := told[len(told)/2], told[len(told)-1]
		if middle.Resealed < 300 || middle.Resealed > 700 || middle.Total != 2000 || middle.Cursor != cursor(int(middle.Resealed)-1) {
			t.Errorf("progress in the middle is %+v", middle)
		}
		if last.Counts != r.Counts || last.Cursor != cursor(1999) {
			t.Errorf("the last progress is %+v, want %+v", last, r.Counts)
		}
		if m.flushes != 4 {
			t.Errorf("%d flushes in %s, want one each %s", m.flushes, took, defaultFlushEvery)
		}
	})
}

// TestRateAndDeadline has a context that ends before the next turn: rate.Limiter's Wait would make an error of its own
// of that.
func TestRateAndDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring := newRing(t, nil)
		defer ring.Close()
		m := &memory{}
		m.fill(t, ring, 1000)
		rotate(t, ring)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		r, err := Run(ctx, ring, m, &Options{Rate: .25})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v", err)
		}
		wantCounts(t, r.Counts, Counts{Records: 3, Resealed: 3})
	})
}

// TestWithRateLittleIsReadAhead wants a record to be replaced soon after it was read, so that others seldom are faster.
func TestWithRateLittleIsReadAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring := newRing(t, nil)
		defer ring.Close()
		m := &memory{}
		m.fill(t, ring, 2000)
		rotate(t, ring)
		ahead := 0
		m.onReplace = func(i int) error {
			ahead = max(ahead, int(m.yielded.Load())-i)
			return nil
		}
		mustRun(t, ring, m, &Options{Rate: 100, Workers: 2})
		if ahead > 100 {
			t.Errorf("%d records were read ahead at 100 a second, want those of a second", ahead)
		}
	})
}

// TestFlushesTakeATwentieth has a source that copies a big file at each flush.
func TestFlushesTakeATwentieth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring := newRing(t, nil)
		defer ring.Close()
		m := &memory{}
		m.fill(t, ring, 20_000)
		rotate(t, ring)
		opened := false
		m.onReplace = func(int) error {
			if !opened { // half of the copy is made here
				time.Sleep(1500 * time.Millisecond)
			}
			opened = true
			return nil
		}
		m.onFlush = func() error { time.Sleep(1500 * time.Millisecond); opened = false; return nil }
		began := time.Now()
		mustRun(t, ring, m, &Options{Rate: 20})
		took, flushing := time.Since(began), time.Duration(m.flushes)*3*time.Second
		if share := float64(flushing) / float64(took); share > .06 || m.flushes < 15 {
			t.Errorf("%d flushes took %.1f %% of %s", m.flushes, 100*share, took)
		}
	})
}

// TestFlushesKeepTheLease: what was sealed must not appear later than a quarter of the lease, however long a flush takes.
func TestFlushesKeepTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring := newRing(t, func(o *keyring.Options) { o.Lease, o.RefreshInterval = 20*time.Second, 0 })
		defer ring.Close()
		m := &memory{}
		m.fill(t, ring, 1000)
		rotate(t, ring)
		var oldest time.Time
		m.onReplace = func(int) error {
			if oldest.IsZero() {
				oldest = time.Now()
			}
			return nil
		}
		var waited time.Duration
		m.onFlush = func() error {
			waited, oldest = max(waited, time.Since(oldest)), time.Time{}
			time.Sleep(3 * time.Second)
			return nil
		}
		mustRun(t, ring, m, &Options{Rate: 10})
		if waited > 5*time.Second+2*tick {
			t.Errorf("something waited for %s for its flush, with a lease of 20s", waited)
		}
	})
}

// broken is a store that cannot be read for a while.
type broken struct {
	*keystore.Memory
	down atomic.Bool
}

func (b *broken) Stamp(ctx context.Context) (string, error) {
	if b.down.Load() {
		return "", errors.New("the disk is away")
	}
	return b.Memory.Stamp(ctx)
}

func (b *broken) ring(t testing.TB) *keyring.Ring {
	o := &keyring.Options{Cluster: "dev", Region: "global", RefreshInterval: time.Hour, Lease: 20 * time.Second}
	ring, err := keyring.Create(context.Background(), b, keks(t), o)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestARunWaitsForItsLease(t *testing.T) {
	for _, workers := range []int{1, 2, 8} {
		synctest.Test(t, func(t *testing.T) {
			store := &broken{Memory: keystore.NewMemory()}
			ring := store.ring(t)
			defer ring.Close()
			m := &memory{}
			m.fill(t, ring, 3000)
			active := rotate(t, ring)
			m.onReplace = func(i int) error {
				if i == 1000 {
					store.down.Store(true)
					time.Sleep(25 * time.Second)
					time.AfterFunc(40*time.Second, func() { store.down.Store(false) })
				}
				return nil
			}
			r := mustRun(t, ring, m, &Options{Workers: workers})
			wantCounts(t, r.Counts, Counts{Records: 3000, Resealed: 3000})
			wantAllUnder(t, ring, active, m, 0)
		})
	}
}

func TestALeaseThatIsNotRenewedEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &broken{Memory: keystore.NewMemory()}
		ring := store.ring(t)
		defer ring.Close()
		m := &memory{}
		m.fill(t, ring, 3000)
		rotate(t, ring)
		m.onReplace = func(i int) error {
			if i == 1000 {
				store.down.Store(true)
				time.Sleep(25 * time.Second)
			}
			return nil
		}
		began := time.Now()
		r, err := Run(t.Context(), ring, m, nil)
		if !errors.Is(err, keyring.ErrStale) || !strings.Contains(err.Error(), "the disk is away") {
			t.Errorf("error is %v", err)
		}
		wantCounts(t, r.Counts, Counts{Records: 1001, Resealed: 1001})
		if waited := time.Since(began) - 25*time.Second; waited < patience-longPause || waited > patience || m.flushes == 0 {
			t.Errorf("it waited for %s, with %d flushes", waited, m.flushes)
		}

		// A run that begins so waits too, and ends with its context.
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if _, err := Run(ctx, ring, m, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v", err)
		}
	})
}

func TestTheStoreMustBeReadFirst(t *testing.T) {
	store := &broken{Memory: keystore.NewMemory()}
	ring := store.ring(t)
	defer ring.Close()
	store.down.Store(true)
	_, err := Run(t.Context(), ring, &memory{}, nil)
	if err == nil || !strings.Contains(err.Error(), "the disk is away") {
		t.Errorf("error is %v: nobody knows which key is active", err)
	}
}

func TestAClosedRingEndsTheRun(t *testing.T) {
	ring := newRing(t, nil)
	m := &memory{}
	m.fill(t, ring, 3000)
	rotate(t, ring)
	m.onReplace = func(i int) error {
		if i == 1000 {
			ring.Close()
		}
		return nil
	}
	r, err := Run(t.Context(), ring, m, nil)
	if !errors.Is(err, keyring.ErrClosed) {
		t.Errorf("error is %v", err)
	}
	wantCounts(t, r.Counts, Counts{Records: 1001, Resealed: 1001})
	if m.flushes != 1 {
		t.Errorf("%d flushes", m.flushes)
	}
}

// TestASlowSourceIsNotWaitedFor: what it has given is replaced long before a batch is full.
func TestASlowSourceIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring := newRing(t, nil)
		defer ring.Close()
		m := &memory{slow: time.Second}
		m.fill(t, ring, 100)
		rotate(t, ring)
		late := 0
		m.onReplace = func(i int) error {
			late = max(late, int(m.yielded.Load())-i)
			return nil
		}
		mustRun(t, ring, m, nil)
		if late > prompt+1 {
			t.Errorf("a record was replaced %d s after it was read", late)
		}
	})
}
