package keyring_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// doomed is a ring with a key that was retired on 2026-11-22 at 10:00, a message of it, and a clock that shows two
// hours later. The keystore has a lease of 5 min, and clocks are up to 1 min apart.
type doomed struct {
	*keyring.Ring
	store *previousStore
	now   time.Time
	id    keystore.ID
	msg   []byte
}

var retirement = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func newDoomed(t *testing.T, lease time.Duration) *doomed {
	t.Helper()
	d := &doomed{store: &previousStore{Memory: keystore.NewMemory()}, now: retirement}
	o := home()
	o.Lease, o.Clock = lease, func() time.Time { return d.now }
	r, err := keyring.Create(t.Context(), d.store, keks(newEngine(t).kek(t, "a")), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	d.Ring, d.id, d.msg = r, r.Keys()[0].ID, seal(t, r, "x")
	if _, err := r.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.now = retirement.Add(2 * time.Hour)
	return d
}

// census is one that allows to destroy the key.
func (d *doomed) census() *keyring.Census {
	begun := retirement.Add(6*time.Minute + time.Second)
	return &keyring.Census{Keystore: d.ID(), Begun: begun, Ended: begun.Add(time.Minute), Sources: []string{"dir:/data"}}
}

func TestDestroyRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		lease  time.Duration
		census func(d *doomed, n *keyring.Census) *keyring.Census
		forced bool // whether it is refused by force as well
		text   string
	}{
		{"no census", time.Minute, func(*doomed, *keyring.Census) *keyring.Census { return nil }, false, "there is no census of the sources"},
		{"no sources", time.Minute, func(_ *doomed, n *keyring.Census) *keyring.Census { n.Sources = nil; return n }, true, "there is no census of the sources"},
		{"of another keystore", time.Minute, func(_ *doomed, n *keyring.Census) *keyring.Census { n.Keystore = keystore.ID{1}; return n }, true,
			"the census is of keystore 01000000-"},
		{"unfinished", time.Minute, func(_ *doomed, n *keyring.Census) *keyring.Census { n.Ended = time.Time{}; return n }, true, "was not finished"},
		{"never begun", time.Minute, func(_ *doomed, n *keyring.Census) *keyring.Census { n.Begun = time.Time{}; return n }, true, "was not finished"},
		{"ended before it began", time.Minute, func(_ *doomed, n *keyring.Census) *keyring.Census { n.Ended = n.Begun.Add(-time.Second); return n }, true,
			"began on 2026-11-22T10:06:01Z and ended before that, on 2026-11-22T10:06:00Z"},
		{"of the future", time.Minute, func(d *doomed, n *keyring.Census) *keyring.Census {
			n.Begun = d.now.Add(time.Minute + time.Second)
			n.Ended = n.Begun
			return n
		}, true, "began on 2026-11-22T12:01:01Z, and now is 2026-11-22T12:00:00Z: one of the clocks is wrong"},
		{"a message is left", time.Minute, func(d *doomed, n *keyring.Census) *keyring.Census {
			n.Keys = map[keystore.ID]keyring.Count{d.id: {Messages: 1, Bytes: 58}}
			return n
		}, false, "counted 1 message of it, 58 bytes: run 'keyring rekey'"},
		{"a record could not be read", time.Minute, func(_ *doomed, n *keyring.Census) *keyring.Census { n.Unread = 3; return n }, false,
			"could not read 3 records, which may be sealed with it: see which with 'keyring census'"},
		{"begun before the lease ran out", 5 * time.Minute, func(_ *doomed, n *keyring.Census) *keyring.Census { n.Begun = n.Begun.Add(-time.Second); return n }, false,
			"retired on 2026-11-22T10:00:00Z, and others may have sealed with it until 2026-11-22T10:06:00Z: take the census after that"},
		{"no lease", 0, func(_ *doomed, n *keyring.Census) *keyring.Census { return n }, false, "the keystore has no lease"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDoomed(t, c.lease)
			wantError(t, d.Destroy(t.Context(), d.id, c.census(d, d.census())), keyring.ErrKeyInUse,
				"keyring: destroy: the key may still be needed: key "+d.id.String()+": ", c.text)
			mustOpen(t, d.Ring, d.msg, "x")
			if d.Seen().Generation != 2 || d.store.removed != 0 {
				t.Error("something was changed")
			}
			err := d.DestroyForced(t.Context(), d.id, c.census(d, d.census()))
			if c.forced {
				wantError(t, err, keyring.ErrKeyInUse, c.text)
				return
			}
			if err != nil || !d.Keys()[0].Census.Forced {
				t.Errorf("by force: %v", err)
			}
		})
	}
}

func TestDestroyRefusesByState(t *testing.T) {
	d := newDoomed(t, 5*time.Minute)
	next, err := d.Prepublish(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id   keystore.ID
		text string
	}{
		{d.Keys()[1].ID, "is active: make another one active, with 'keyring rotate', and move what it sealed to that one, with 'keyring rekey'"},
		{next, "is prepublished: withdraw it first, with 'keyring withdraw'"},
	} {
		for _, err := range []error{d.Destroy(t.Context(), c.id, d.census()), d.DestroyForced(t.Context(), c.id, d.census())} {
			wantError(t, err, keyring.ErrState, "keyring: destroy: the key's state does not allow it: key "+c.id.String()+" "+c.text)
		}
	}
}

func TestQuietAfter(t *testing.T) {
	d := newDoomed(t, 5*time.Minute)
	unborn, err := d.Prepublish(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Withdraw(t.Context(), unborn); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[keystore.ID]time.Time{d.id: retirement.Add(6 * time.Minute), unborn: {}} {
		if got, err := d.QuietAfter(id); err != nil || !got.Equal(want) {
			t.Errorf("got %v, %v; want %v", got, err, want)
		}
	}
	_, err = d.QuietAfter(d.ID())
	wantError(t, err, keyring.ErrUnknownKey, "keyring: destroy: unknown key "+d.ID().String())
	_, err = d.QuietAfter(d.Keys()[1].ID)
	wantError(t, err, keyring.ErrState, "keyring: destroy: ", "is active: make another one active")
	if err := d.SetLease(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	_, err = d.QuietAfter(d.id)
	wantError(t, err, keyring.ErrKeyInUse, "keyring: destroy: ", "the keystore has no lease")
}

func TestDestroy(t *testing.T) {
	d := newDoomed(t, 5*time.Minute)
	if err := d.Destroy(t.Context(), d.id, d.census()); err != nil {
		t.Fatal(err)
	}
	_, err := d.Open(nil, d.msg, here)
	wantError(t, err, keyring.ErrKeyDestroyed, "after a census of 1 source, taken on 2026-11-22T10:06:01Z, had counted no message")
	if k := contents(t, d.store).Find(d.id); k.State != keystore.Destroyed || k.SealedDEK != nil || k.Signing != nil {
		t.Errorf("what is left is %+v", k)
	}
	if d.store.removed != 1 || d.store.Previous() != nil {
		t.Error("the generation before is still there, with the key")
	}

	// Once more, as after a crash: the story stays, and the generation before is made sure of.
	if err := d.DestroyForced(t.Context(), d.id, nil); err != nil || d.Keys()[0].Census.Forced || d.Seen().Generation != 3 || d.store.removed != 2 {
		t.Errorf("the second time: %v, %+v, removed %d times", err, d.Keys()[0].Census, d.store.removed)
	}
	if err := d.MarkCompromised(t.Context(), d.id); err != nil {
		t.Fatal(err)
	}
	_, err = d.Open(nil, d.msg, here)
	wantError(t, err, keyring.ErrKeyDestroyed, "is marked compromised")
}

// TestDestroyWhatNeverSealed needs no lease: nobody can be sealing with it.
func TestDestroyWhatNeverSealed(t *testing.T) {
	d := newDoomed(t, 0)
	id, err := d.Prepublish(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Withdraw(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	n := d.census()
	n.Keys = map[keystore.ID]keyring.Count{id: {Messages: 2, Bytes: 116}}
	wantError(t, d.Destroy(t.Context(), id, n), keyring.ErrKeyInUse, "2 messages of it, 116 bytes")
	wantError(t, d.Destroy(t.Context(), id, nil), keyring.ErrKeyInUse, "there is no census")
	if err := d.Destroy(t.Context(), id, d.census()); err != nil {
		t.Fatal(err)
	}
	wantError(t, d.Keys()[2].Err, keyring.ErrKeyDestroyed, "it was never active and was retired on 2026-11-22T12:00:00Z")
}

func TestDestroyByForceWithoutACensus(t *testing.T) {
	d := newDoomed(t, 0)
	if err := d.DestroyForced(t.Context(), d.id, nil); err != nil {
		t.Fatal(err)
	}
	if n := *d.Keys()[0].Census; n != (keystore.Census{Taken: d.now, Forced: true}) {
		t.Errorf("the tombstone says %+v", n)
	}
}

// TestACensusByAClockThatIsAhead, by less than clocks may be apart, is dated by the keystore.
func TestACensusByAClockThatIsAhead(t *testing.T) {
	d := newDoomed(t, 5*time.Minute)
	n := d.census()
	n.Begun = d.now.Add(30 * time.Second)
	n.Ended = n.Begun
	if err := d.Destroy(t.Context(), d.id, n); err != nil {
		t.Fatal(err)
	}
	if taken := d.Keys()[0].Census.Taken; !taken.Equal(d.now) {
		t.Errorf("taken on %v, and the file was written on %v", taken, d.now)
	}
}

func TestThePreviousGenerationThatStays(t *testing.T) {
	d := newDoomed(t, 5*time.Minute)
	d.store.err = errStore
	wantError(t, d.Destroy(t.Context(), d.id, d.census()), errStore, "keyring: destroy: key "+d.id.String()+" is destroyed, but: the previous generation",
		"remove it by hand")
	if d.Keys()[0].State != keystore.Destroyed {
		t.Error("the key is not destroyed")
	}
	d.store.err = nil
	if err := d.Destroy(t.Context(), d.id, nil); err != nil || d.store.Previous() != nil {
		t.Errorf("the second time: %v", err)
	}
}

// TestTheSkewIsASecondAtLeast, since the file's times are whole seconds.
func TestTheSkewIsASecondAtLeast(t *testing.T) {
	store, e := keystore.NewMemory(), newEngine(t)
	o := home()
	now := retirement
	o.Clock, o.Lease, o.ClockSkew = func() time.Time { return now }, time.Minute, time.Millisecond
	r, err := keyring.Create(t.Context(), store, keks(e.kek(t, "a")), o)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	id := r.Keys()[0].ID
	if _, err := r.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	n := &keyring.Census{Keystore: r.ID(), Begun: retirement.Add(time.Minute + time.Second), Ended: now, Sources: []string{"s"}}
	wantError(t, r.Destroy(t.Context(), id, n), keyring.ErrKeyInUse, "until 2026-11-22T10:01:01Z")
	n.Begun = n.Begun.Add(time.Millisecond)
	if err := r.Destroy(t.Context(), id, n); err != nil {
		t.Error(err)
	}
	o.ClockSkew = -time.Second
	if _, err := keyring.Load(t.Context(), store, keks(e.kek(t, "a")), o); err == nil || !strings.Contains(err.Error(), "Options.ClockSkew is -1s") {
		t.Errorf("a negative skew: %v", err)
	}
}

// TestNobodySealsWithAKeyThatMayBeDestroyed, however the clocks of those differ who retired it, who counted, and who
// destroys it, by as much as they may: a process that cannot read the store has stopped before Destroy takes a census.
func TestNobodySealsWithAKeyThatMayBeDestroyed(t *testing.T) {
	const apart = 30 * time.Second // from the right time, so a minute from one another
	for _, ahead := range []time.Duration{-apart, 0, apart} {
		for _, counter := range []time.Duration{-apart, 0, apart} {
			synctest.Test(t, func(t *testing.T) {
				clock := func(skew time.Duration) *keyring.Options {
					o := home()
					o.Lease, o.Clock = 2*time.Minute, func() time.Time { return time.Now().Add(skew) }
					return o
				}
				store, e := keystore.NewMemory(), newEngine(t)
				r, err := keyring.Create(t.Context(), store, keks(e.kek(t, "a")), clock(ahead))
				if err != nil {
					t.Fatal(err)
				}
				id := r.Keys()[0].ID
				time.Sleep(10*time.Minute + 990*time.Millisecond) // most of a second is lost to the file
				deaf := load(t, store, clock(0), e.kek(t, "a"))
				destroyer := load(t, store, clock(counter), e.kek(t, "a"))
				if _, err := r.Rotate(t.Context()); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				for err = keyring.ErrKeyInUse; errors.Is(err, keyring.ErrKeyInUse); time.Sleep(time.Second) {
					now := time.Now().Add(counter)
					err = destroyer.Destroy(t.Context(), id, &keyring.Census{Keystore: r.ID(), Begun: now, Ended: now, Sources: []string{"all"}})
				}
				if waited := time.Since(began); err != nil || waited > 5*time.Minute {
					t.Errorf("clocks %v and %v ahead: %v after %v", ahead, counter, err, waited)
				}
				if _, err := deaf.Seal(nil, nil, here); !errors.Is(err, keyring.ErrStale) {
					t.Errorf("clocks %v and %v ahead: sealed with a destroyed key: %v", ahead, counter, err)
				}
				closeAll([]*keyring.Ring{r, deaf, destroyer})
			})
		}
	}
}

// TestASlowWriteIsTold: a census has to begin later than Destroy can know of.
func TestASlowWriteIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, e := &faulty{Memory: keystore.NewMemory()}, newEngine(t)
		o, log := following()
		r, err := keyring.Create(t.Context(), store, keks(e.kek(t, "a")), o)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		for _, takes := range []time.Duration{time.Minute, time.Minute + time.Second} {
			store.write = func(real func() error) error { time.Sleep(takes); return real() }
			if _, err := r.Rotate(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n := log.count("a write took longer than Options.ClockSkew", "generation=3", "took=1m1s"); n != 1 || log.count("took longer") != 1 {
			t.Errorf("logged:\n%s", log)
		}
	})
}
