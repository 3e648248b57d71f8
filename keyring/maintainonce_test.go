package keyring_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// TestMaintainOnce is a year of a cron job that runs every hour, each time with a ring of its own.
func TestMaintainOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, e := newChronicle(), newEngine(t)
		o, _ := monthly()
		store.found(t, e, o).Close()
		began := time.Now().UTC()
		for hour := range 24 * 365 {
			time.Sleep(time.Hour)
			if hour/24%30 < 28 && hour%24 > 0 {
				continue // what the other 600 do is the same
			}
			r, err := keyring.Load(t.Context(), store, keks(e.kek(t, "a")), o)
			if err != nil {
				t.Fatal(err)
			}
			m, err := r.MaintainOnce(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			month := (hour + 1) / 24 / 30
			switch since := time.Duration(hour+1)*time.Hour - time.Duration(month)*period; {
			case since == 0:
				want := began.Add(time.Duration(month) * period)
				if m.Activated != contents(t, store).Active().ID || m.Reason != keyring.ReasonPeriod || m.Overdue != 0 || !want.Equal(time.Now()) {
					t.Fatalf("hour %d: %+v", hour, m)
				}
			case since == period-day:
				k := contents(t, store).Find(m.Prepublished)
				if k == nil || !k.Activates.Equal(time.Now().Add(day)) || !m.Schedule.Next.Equal(k.Activates) || m.Schedule.Key != k.ID {
					t.Fatalf("hour %d: %+v", hour, m)
				}
			case !m.Prepublished.IsZero() || !m.Activated.IsZero():
				t.Fatalf("hour %d: %+v", hour, m)
			}
			r.Close()
		}
		if len(store.read().active) != 13 || store.read().writes != 25 {
			t.Errorf("%d were active, %d writes", len(store.read().active), store.read().writes)
		}
	})
}

func TestMaintainOncePays(t *testing.T) {
	for _, c := range []struct {
		name  string
		state func(b *engine)
		paid  bool
		cause string
	}{
		{"it is back", func(b *engine) { b.fail(0) }, true, ""},
		{"it is down", func(b *engine) { b.fail(wrappers.Later) }, false, "engine is later"},
		{"it refuses", func(b *engine) { b.fail(wrappers.Never) }, false, "engine is never"},
		{"it hangs", func(b *engine) { b.silent.Store(true) }, false, "deadline exceeded"},
		{"it asks a person", func(*engine) {}, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, a, b := newChronicle(), newEngine(t), newEngine(t)
				b.fail(wrappers.Later)
				b.person = c.name == "it asks a person"
				o, _ := monthly()
				r, err := keyring.Create(t.Context(), store, keks(a.kek(t, "a"), b.kek(t, "b")), o)
				if err != nil {
					t.Fatal(err)
				}
				defer r.Close()
				b.fail(0)
				c.state(b)
				began := time.Now()
				time.Sleep(period - day)
				m, err := r.MaintainOnce(t.Context())
				if err != nil || m.Prepublished.IsZero() {
					t.Fatalf("%+v, %v", m, err)
				}
				if made := store.read().made[1].at.Sub(began); made != period-day {
					t.Errorf("the key was made after %v, which is behind the KEK", made)
				}
				if c.paid {
					if len(m.Owed) != 0 || len(m.Paid) != 1 || m.Paid[0] != "test.b" {
						t.Errorf("paid %v, owed %v", m.Paid, m.Owed)
					}
					return
				}
				if len(m.Paid) != 0 || len(m.Owed) != 1 || m.Owed[0].KEK != "test.b" || (m.Owed[0].Err == nil) != (c.cause == "") {
					t.Fatalf("paid %v, owed %+v", m.Paid, m.Owed)
				}
				if c.cause != "" {
					wantError(t, m.Owed[0].Err, m.Owed[0].Err, "test.b", c.cause)
				}
			})
		})
	}
}

func TestMaintainOnceReportsWhatItDidBesideAnError(t *testing.T) {
	store, a, b := newChronicle(), newEngine(t), newEngine(t)
	b.fail(wrappers.Later)
	o, _ := monthly()
	r, err := keyring.Create(t.Context(), store, keks(a.kek(t, "a"), b.kek(t, "b")), o)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	clock := time.Now().Add(2 * period)
	o.Clock = func() time.Time { return clock }
	late := load(t, store, o, a.kek(t, "a"), b.kek(t, "b"))
	store.broken.Store(&errStore)
	m, err := late.MaintainOnce(t.Context())
	wantError(t, err, errStore, "keyring: maintain: make the key that becomes active on "+m.Schedule.Next.Format(time.RFC3339), "store is away")
	if len(m.Owed) != 1 || m.Schedule.Overdue < period-time.Second || m.Schedule.Overdue > period || m.Schedule.Reason != keyring.ReasonPeriod {
		t.Errorf("%+v", m)
	}
}

func TestMaintainOnceSaysWhatFailed(t *testing.T) {
	for _, c := range []struct {
		name       string
		prepublish time.Duration
		at         time.Duration
		text       string
	}{
		{"to make a key", 0, period - day, "keyring: maintain: make the key that becomes active on 2000-01-31T00:00:00Z: write generation 2: store is away"},
		{"to activate it", 0, period, "keyring: maintain: activate key KEY (period): write generation 3: store is away"},
		{"to rotate", -1, period, "keyring: maintain: rotate (period): write generation 2: store is away"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, e := newChronicle(), newEngine(t)
				o, _ := monthly()
				o.Rotation.Prepublish = c.prepublish
				r := store.found(t, e, o)
				defer r.Close()
				key := ""
				if c.prepublish == 0 && c.at == period {
					time.Sleep(period - day)
					m, err := r.MaintainOnce(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					key = m.Prepublished.String()
					time.Sleep(day)
				} else {
					time.Sleep(c.at)
				}
				store.broken.Store(&errStore)
				_, err := r.MaintainOnce(t.Context())
				if want := strings.Replace(c.text, "KEY", key, 1); err == nil || err.Error() != want {
					t.Errorf("%v\nwant %s", err, want)
				}
			})
		})
	}
}

// TestMaintainThatCannotRead logs it, where the ring does not look at the store by itself.
func TestMaintainThatCannotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, e := &faulty{Memory: keystore.NewMemory()}, newEngine(t)
		r := create(t, store, e.kek(t, "a"))
		defer r.Close()
		o, log := monthly()
		o.RefreshInterval = -1
		again := load(t, store, o, e.kek(t, "a"))
		defer again.Close()
		if _, err := r.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		store.readErrs = []error{errStore}
		defer maintained(t, again)()
		time.Sleep(time.Hour)
		if log.count("rotation failed", "keyring: refresh: store is away", "next=") != 1 || len(again.Keys()) != 2 {
			t.Errorf("%d keys, log:\n%s", len(again.Keys()), log)
		}
	})
}

// TestMaintainOnceWaitsForReaders: as Rotate does, where nothing else is waited for.
func TestMaintainOnceWaitsForReaders(t *testing.T) {
	const visible = 2*time.Minute + 2*time.Second
	for _, c := range []struct {
		name   string
		cancel time.Duration
	}{
		{"to the end", time.Hour},
		{"the caller gives up", time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, e := newChronicle(), newEngine(t)
				o, _ := monthly()
				o.Readers, o.RefreshInterval, o.Rotation.Prepublish = 3, 30*time.Second, -1
				r := store.found(t, e, o)
				defer r.Close()
				time.Sleep(period)
				began := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), c.cancel)
				defer cancel()
				m, err := r.MaintainOnce(ctx)
				if c.cancel < visible {
					wantError(t, err, context.DeadlineExceeded, "keyring: maintain: key "+m.Prepublished.String()+" is made, and becomes active on",
						"where 'keyring maintain' runs")
					return
				}
				if err != nil || m.Activated != m.Prepublished || m.Activated.IsZero() || time.Since(began) != visible {
					t.Errorf("after %v: %+v, %v", time.Since(began), m, err)
				}
			})
		})
	}
}

func TestMaintainOnceThatCannotRead(t *testing.T) {
	store, e := &faulty{Memory: keystore.NewMemory()}, newEngine(t)
	r := create(t, store, e.kek(t, "a"))
	if _, err := load(t, store, home(), e.kek(t, "a")).Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	store.readErrs = []error{errors.New("input/output error")}
	m, err := r.MaintainOnce(t.Context())
	if m != nil || err == nil || err.Error() != "keyring: maintain: refresh: input/output error" {
		t.Errorf("%+v, %v", m, err)
	}
}
