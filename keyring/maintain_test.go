package keyring_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

const (
	day    = 24 * time.Hour
	period = 30 * day
)

// monthly are options of a ring that others share, whose keys live for 30 days.
func monthly() (*keyring.Options, *logged) {
	o, log := following()
	o.Rotation = keyring.Rotation{Period: period}
	o.RefreshInterval, o.PayInterval = 10*time.Minute, -1
	return o, log
}

// chronicle is a store that notes when a key was made or became active, by the test's own clock.
type chronicle struct {
	stampedStore
	mu     sync.Mutex
	told   record
	broken atomic.Pointer[error] // what every Write returns, if set
	lose   atomic.Bool           // the next Write happens, and its answer is lost
}

// record is what a chronicle has noted.
type record struct {
	writes int
	made   []event
	active []event
	wrong  string // the first generation in which not just one key was active
}

type stampedStore interface {
	keystore.Store
	keystore.Stamper
}

func newChronicle() *chronicle { return &chronicle{stampedStore: keystore.NewMemory()} }

type event struct {
	at  time.Time
	key keystore.Key
}

func (h *chronicle) Write(ctx context.Context, prev keystore.Digest, data []byte) error {
	if err := h.broken.Load(); err != nil {
		return *err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.stampedStore.Write(ctx, prev, data); err != nil {
		return err
	}
	c, err := keystore.Parse(data)
	if err != nil {
		return err
	}
	h.told.writes++
	h.told.note(c)
	if h.lose.Swap(false) {
		return keystore.ErrOutcomeUnknown
	}
	return nil
}

func (h *record) note(c *keystore.Contents) {
	active := slices.DeleteFunc(slices.Clone(c.Keys), func(k keystore.Key) bool { return k.State != keystore.Active })
	if len(active) != 1 && h.wrong == "" {
		h.wrong = fmt.Sprintf("%d active keys in generation %d", len(active), c.Generation)
	}
	for _, k := range c.Keys {
		if !slices.ContainsFunc(h.made, func(e event) bool { return e.key.ID == k.ID }) {
			h.made = append(h.made, event{time.Now(), k})
		}
		if k.State == keystore.Active && (len(h.active) == 0 || h.active[len(h.active)-1].key.ID != k.ID) {
			h.active = append(h.active, event{time.Now(), k})
		}
	}
}

func (h *chronicle) read() record {
	h.mu.Lock()
	defer h.mu.Unlock()
	told := h.told
	told.made, told.active = slices.Clone(told.made), slices.Clone(told.active)
	return told
}

// found makes a keystore in h.
func (h *chronicle) found(t testing.TB, e *engine, o *keyring.Options) *keyring.Ring {
	t.Helper()
	r, err := keyring.Create(context.Background(), h, keks(e.kek(t, "a")), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// maintained has a ring maintained until stop is called.
func maintained(t testing.TB, r *keyring.Ring) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Maintain(ctx) }()
	return func() {
		t.Helper()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Maintain ended with %v", err)
		}
	}
}

func TestMaintain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, e := newChronicle(), newEngine(t)
		o, log := monthly()
		r := store.found(t, e, o)
		defer r.Close()
		began := time.Now()
		defer maintained(t, r)()
		calls := e.decrypts.Load() + e.encrypts.Load()
		time.Sleep(12*period + day)
		for i, a := range store.read().active {
			if late := a.at.Sub(began.Add(time.Duration(i) * period)); late < 0 || late > 10*time.Second*time.Duration(i) {
				t.Errorf("key %d is active %v late", i, late)
			}
		}
		for i, m := range store.read().made[1:] {
			if lead := store.read().active[i+1].at.Sub(m.at); lead < day-10*time.Second || lead > day+10*time.Second {
				t.Errorf("key %d was known for %v", i+1, lead)
			}
		}
		if len(store.read().active) != 13 || store.read().writes != 25 {
			t.Errorf("%d keys were active, after %d writes", len(store.read().active), store.read().writes)
		}
		if e.decrypts.Load()+e.encrypts.Load() != calls {
			t.Error("a KEK was called")
		}
		if log.count("the next key is made", "reason=period") != 12 || log.count("key activated", "reason=period", "overdue=") != 12 {
			t.Errorf("log:\n%s", log)
		}
	})
}

// TestOneOfSeveralRotates: three processes share a store, and only one of them writes what is due.
func TestOneOfSeveralRotates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, e := newChronicle(), newEngine(t)
		o, _ := monthly()
		o.Readers = 3
		first := store.found(t, e, o)
		defer first.Close()
		began := time.Now()
		defer maintained(t, first)()
		for range 2 {
			r := load(t, store, o, e.kek(t, "a"))
			defer r.Close()
			defer maintained(t, r)()
		}
		time.Sleep(6*period + day)
		if store.read().writes != 13 || len(store.read().active) != 7 {
			t.Errorf("%d writes, %d keys were active", store.read().writes, len(store.read().active))
		}
		for i, a := range store.read().active {
			if late := a.at.Sub(began.Add(time.Duration(i) * period)); late < 0 || late > time.Minute {
				t.Errorf("key %d is active %v late", i, late)
			}
		}
	})
}

func TestMaintainGoesOnAfterErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, e := newChronicle(), newEngine(t)
		o, log := monthly()
		r := store.found(t, e, o)
		defer r.Close()
		began := time.Now()
		defer maintained(t, r)()
		time.Sleep(period - 2*day)
		store.broken.Store(&errStore)
		time.Sleep(2*day + time.Hour)
		store.lose.Store(true)
		store.broken.Store(nil)
		time.Sleep(day)
		// It was made late, so it was known for the short lead only.
		if late := store.read().active[1].at.Sub(began.Add(period)); len(store.read().active) != 2 || late < time.Hour+period/200 || late > time.Hour+period/200+20*time.Minute {
			t.Errorf("%d were active, the second one %v late", len(store.read().active), late)
		}
		if n := log.count("rotation failed", "keyring: make the key that becomes active on", errStore.Error(), "next="); n < 100 || n > 300 {
			t.Errorf("logged %d times, which is not every 10 minutes:\n%.1000s", n, log)
		}
	})
}

func TestMaintainEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, e := newChronicle(), newEngine(t)
		o, _ := monthly()
		r := store.found(t, e, o)
		ctx, cancel := context.WithCancelCause(t.Context())
		ended := make(chan error)
		go func() { ended <- r.Maintain(ctx) }()
		time.Sleep(time.Hour)
		cancel(errStore)
		if err := <-ended; err != errStore {
			t.Errorf("its context was cancelled: %v", err)
		}
		go func() { ended <- r.Maintain(t.Context()) }()
		time.Sleep(time.Hour)
		r.Close()
		if err := <-ended; err != keyring.ErrClosed {
			t.Errorf("the ring was closed: %v", err)
		}
		if s := r.Schedule(); s.Next.IsZero() {
			t.Errorf("a closed ring knows of no schedule: %+v", s)
		}
		if _, err := r.MaintainOnce(t.Context()); !errors.Is(err, keyring.ErrClosed) {
			t.Errorf("MaintainOnce of a closed ring: %v", err)
		}
		o.ReadOnly = true
		reader := load(t, store, o, e.kek(t, "a"))
		defer reader.Close()
		wantError(t, reader.Maintain(t.Context()), keyring.ErrReadOnly, "keyring: maintain: ring is read-only")
		_, err := reader.MaintainOnce(t.Context())
		wantError(t, err, keyring.ErrReadOnly, "keyring: maintain: ring is read-only")
	})
}

// TestAStuckKeyIsInNobodysWay: of keys that will never be active, or not for a long time.
func TestAStuckKeyIsInNobodysWay(t *testing.T) {
	for name, plan := range map[string]time.Duration{"no date": 0, "a far one": 2*period + 10*day} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, e := newChronicle(), newEngine(t)
				o, _ := monthly()
				r := store.found(t, e, o)
				defer r.Close()
				began := time.Now()
				var at time.Time
				if plan > 0 {
					at = began.Add(plan)
				}
				stuck, err := r.Prepublish(t.Context(), at)
				if err != nil {
					t.Fatal(err)
				}
				defer maintained(t, r)()
				time.Sleep(3 * period)
				want := []time.Duration{0, period, 2 * period}
				if plan > 0 {
					want = append(want, plan) // the operator's date is kept
				} else {
					want = append(want, 3*period)
				}
				time.Sleep(time.Minute)
				for i, a := range store.read().active {
					if late := a.at.Sub(began.Add(want[i])); late < 0 || late > time.Minute {
						t.Errorf("key %d is active %v late", i, late)
					}
				}
				if len(store.read().active) != len(want) || (plan > 0) != (store.read().active[3].key.ID == stuck) {
					t.Errorf("%d were active", len(store.read().active))
				}
			})
		})
	}
}

// TestRotationDoesNotWaitForAKEK: those that hang, which are owed a stanza.
func TestRotationDoesNotWaitForAKEK(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, a, b := newChronicle(), newEngine(t), newEngine(t)
		b.fail(wrappers.Later)
		o, log := monthly()
		o.PayInterval = time.Minute
		r, err := keyring.Create(t.Context(), store, keks(a.kek(t, "a"), b.kek(t, "b")), o)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		began := time.Now()
		defer maintained(t, r)()
		b.fail(0)
		b.silent.Store(true)
		time.Sleep(period + time.Minute)
		if late := store.read().active[1].at.Sub(began.Add(period)); late > 10*time.Second {
			t.Errorf("%v late", late)
		}
		b.silent.Store(false)
		time.Sleep(2 * time.Hour)
		if len(r.Owed()) != 0 || log.count("a debt is paid") != 1 {
			t.Errorf("still owed: %v", r.Owed())
		}
	})
}
