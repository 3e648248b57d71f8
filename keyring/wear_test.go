package keyring

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// worn is a keystore with a wear file, on which rings work as those of several processes do.
type worn struct {
	t     *testing.T
	store *keystore.Memory
	wear  *moody
	log   *bytes.Buffer // of all rings
	mu    sync.Mutex
}

// moody is a store of a wear file in the test's hand.
type moody struct {
	keystore.Store
	mu     sync.Mutex
	fails  error // of every call, if set
	loses  error // of every write, after it has happened, if set
	calls  int   // of Read, which each turn begins with
	writes int   // that have happened
}

func (m *moody) Read(ctx context.Context) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	if m.fails != nil {
		return nil, m.fails
	}
	return m.Store.Read(ctx)
}

func (m *moody) Write(ctx context.Context, prev keystore.Digest, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fails != nil {
		return m.fails
	}
	if err := m.Store.Write(ctx, prev, data); err != nil {
		return err
	}
	m.writes++
	return m.loses
}

func (m *moody) set(fails, loses error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fails, m.loses = fails, loses
}

// written returns how many writes have happened.
func (m *moody) written() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.writes
}

func newWorn(t *testing.T) *worn {
	t.Helper()
	w := &worn{t: t, store: keystore.NewMemory(), wear: &moody{Store: keystore.NewMemory()}, log: new(bytes.Buffer)}
	r, err := Create(t.Context(), w.store, []*wrappers.KEK{localKEK(t)}, &Options{Cluster: "c", Region: "r"})
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	return w
}

func (w *worn) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(line)
}

// ring opens a ring, as a new process does.
func (w *worn) ring(change ...func(*Options)) *Ring {
	w.t.Helper()
	o := &Options{Wear: w.wear, Logger: slog.New(slog.NewTextHandler(w, nil))}
	for _, c := range change {
		c(o)
	}
	r, err := Load(w.t.Context(), w.store, []*wrappers.KEK{localKEK(w.t)}, o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { r.Close() })
	synctest.Wait() // for its first look
	return r
}

// file returns what the wear file says.
func (w *worn) file() *keystore.Wear {
	w.t.Helper()
	data, err := w.wear.Store.Read(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	f, err := keystore.ParseWear(data)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// wantFile checks that the file has this for one key, leases apart, and so many leases.
func (w *worn) wantFile(key keystore.ID, want Count, leases int) {
	w.t.Helper()
	f, got := w.file(), Count{}
	for _, k := range f.Keys {
		if k.Key == key {
			got = Count{k.Messages, k.Bytes}
		}
	}
	if got != want || len(f.Leases) != leases {
		w.t.Errorf("the file has %+v for key %s and %d leases, want %+v and %d", got, key, len(f.Leases), want, leases)
	}
}

// wantLogged checks how many lines of all logs have a text.
func (w *worn) wantLogged(text string, want int) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if got := strings.Count(w.log.String(), text); got != want {
		w.t.Errorf("%q was logged %d times, want %d:\n%s", text, got, want, w.log)
	}
}

// kill ends a ring as the end of its process does: nothing is handed in.
func kill(r *Ring) {
	r.follower.stop()
	r.payer.stop()
	r.counter.stop()
	r.shut()
}

// large is the size of a message that is counted exactly.
const large = 64 << 10

// of returns the wear of n large messages.
func of(n uint64) Count { return Count{n, n * large} }

func sealLarge(t testing.TB, r *Ring, n int) {
	t.Helper()
	buf, plaintext := make([]byte, 0, large+Overhead), make([]byte, large)
	for range n {
		if _, err := r.Seal(buf, plaintext, Bind("test")); err != nil {
			t.Fatal(err)
		}
	}
}

// seal seals n large messages between two looks of the ring.
func (w *worn) seal(r *Ring, n int) {
	w.t.Helper()
	synctest.Wait()
	sealLarge(w.t, r, n)
}

// wearOf returns what r says about one key.
func wearOf(r *Ring, key keystore.ID) KeyWear {
	for _, w := range r.Wear() {
		if w.ID == key {
			return w
		}
	}
	return KeyWear{}
}

func activeOf(t testing.TB, r *Ring) keystore.ID {
	t.Helper()
	id, err := r.ActiveKey()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestARingThatSealsNothingWritesNoWear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorn(t)
		r := w.ring()
		time.Sleep(time.Hour)
		r.Close()
		if w.wear.written() != 0 || len(r.Wear()) != 0 {
			t.Errorf("%d writes, and the wear is %v", w.wear.written(), r.Wear())
		}
		w.wantLogged("sealed", 0)
	})
}

// TestWearOfTwoRings: what both have sealed is in the file, and each knows of the other.
func TestWearOfTwoRings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorn(t)
		a, b := w.ring(), w.ring(func(o *Options) { o.ReadOnly = true })
		key := activeOf(t, a)
		w.seal(a, 3)
		if got := wearOf(a, key); got.Messages != 3 || got.Bytes != 3*large || got.Leased != (Count{}) {
			t.Errorf("before its first lease a ring says %+v, want 3 messages", got)
		}
		time.Sleep(2 * wearTick)
		w.wantFile(key, of(3), 1)
		w.seal(b, 5)
		time.Sleep(2 * wearTick)
		w.wantFile(key, of(8), 2)

		time.Sleep(defaultRefreshInterval)
		w.seal(a, 1)
		n := of(9).plus(firstLease)
		if got := wearOf(a, key); got != (KeyWear{ID: key, Messages: n.Messages, Bytes: n.Bytes, Leased: firstLease}) {
			t.Errorf("a ring says %+v, want its own 4, 5 of the other, and the other's lease", got)
		}
		a.Close()
		w.wantFile(key, of(9), 1)
		b.Close()
		w.wantFile(key, of(9), 0)
		got, err := ReadWear(t.Context(), w.wear, a.ID())
		if err != nil || len(got) != 1 || got[0] != (KeyWear{ID: key, Messages: 9, Bytes: 9 * large}) {
			t.Errorf("ReadWear = %+v, %v", got, err)
		}
	})
}

// TestLeaseOfAKilledRingIsCharged: when it has run out, by whoever writes next, and not a second earlier.
func TestLeaseOfAKilledRingIsCharged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorn(t)
		a, b := w.ring(), w.ring()
		key := activeOf(t, a)
		w.seal(a, 3)
		time.Sleep(2 * wearTick)
		until := w.file().Leases[0].Until
		w.seal(a, 7) // of its lease
		kill(a)
		time.Sleep(time.Until(until) - 4*wearTick)
		w.seal(b, 1)
		time.Sleep(2 * wearTick)
		w.wantFile(key, of(4), 2)
		b.Close()
		w.wantFile(key, of(4), 1)
		time.Sleep(3 * wearTick)
		c := w.ring()
		w.seal(c, 1)
		c.Close()
		w.wantFile(key, of(5).plus(firstLease), 0)
	})
}

// TestLeaseThatWasChargedIsUsedUp: a ring that could not write for so long that its lease was charged seals for what was
// charged, and hands in only what it seals beyond.
func TestLeaseThatWasChargedIsUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorn(t)
		paused := &moody{Store: w.wear.Store}
		a, b := w.ring(func(o *Options) { o.Wear = paused }), w.ring()
		key := activeOf(t, a)
		w.seal(a, 3)
		time.Sleep(2 * wearTick)
		paused.set(errors.New("the machine sleeps"), nil)
		time.Sleep(wearTerm)
		w.seal(b, 1)
		b.Close()
		charged := of(4).plus(firstLease)
		w.wantFile(key, charged, 0)
		paused.set(nil, nil)
		w.seal(a, 10)
		time.Sleep(2 * time.Minute)
		w.wantFile(key, charged, 0)
		w.seal(a, int(firstLease.Bytes/large)+20)
		a.Close()
		// Of messages it was charged with more than it has sealed, of bytes with 30 messages less.
		w.wantFile(key, Count{charged.Messages, charged.Bytes + 30*large}, 0)
	})
}

// TestAnIdleRingGivesItsLeaseBack, and then writes nothing until it seals again.
func TestAnIdleRingGivesItsLeaseBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorn(t)
		r := w.ring()
		key := activeOf(t, r)
		w.seal(r, 3)
		time.Sleep(wearTerm/2 - time.Second)
		w.wantFile(key, of(3), 1)
		time.Sleep(3 * time.Second)
		w.wantFile(key, of(3), 0)
		if w.wear.written() != 2 {
			t.Errorf("%d writes, want one for the lease and one to give it back", w.wear.written())
		}
		time.Sleep(time.Hour)
		if w.wear.written() != 2 {
			t.Errorf("%d writes after an hour without a message", w.wear.written())
		}
	})
}

// TestARingThatSealsRenewsItsLease, twice in its term, so that it never runs out.
func TestARingThatSealsRenewsItsLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorn(t)
		r := w.ring()
		for range 120 {
			w.seal(r, 1)
			time.Sleep(time.Minute / 2)
			if left := time.Until(w.file().Leases[0].Until); left < wearTerm/2-2*wearTick {
				t.Fatalf("the lease ends in %v", left)
			}
		}
		if w.wear.written() > 15 {
			t.Errorf("%d writes in an hour", w.wear.written())
		}
	})
}

// TestWearOfRetiredKeys: what a key has sealed is handed in after its successor has taken over, also where both happen
// within a second, or with a new root, under which keys are opened anew.
func TestWearOfRetiredKeys(t *testing.T) {
	for name, next := range map[string]func(r *Ring) error{
		"rotated":  func(r *Ring) error { _, err := r.Rotate(context.Background()); return err },
		"new root": func(r *Ring) error { _, err := r.RotateRoot(context.Background()); return err },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorn(t)
				r := w.ring()
				var keys []keystore.ID
				for i := range 4 {
					keys = append(keys, activeOf(t, r))
					w.seal(r, 3+i)
					if i == 1 {
						time.Sleep(2 * wearTick) // the others take over from keys that have no lease
					}
					if err := next(r); err != nil {
						t.Fatal(err)
					}
				}
				for i, key := range keys {
					if got := wearOf(r, key); got.Messages != uint64(3+i) {
						t.Errorf("key %d: the ring says %+v, want %d messages", i, got, 3+i)
					}
				}
				time.Sleep(2 * wearTick)
				for i, key := range keys {
					w.wantFile(key, of(uint64(3+i)), 0)
				}
				r.Close()
				for i, key := range keys {
					w.wantFile(key, of(uint64(3+i)), 0)
				}
			})
		})
	}
}

// TestWearWithoutAFile counts for the ring alone.
func TestWearWithoutAFile(t *testing.T) {
	r := localRing(t)
	sealLarge(t, r, 3)
	first := activeOf(t, r)
	rotate(t, r)
	sealLarge(t, r, 4)
	for key, want := range map[keystore.ID]uint64{first: 3, activeOf(t, r): 4} {
		if got := wearOf(r, key); got != (KeyWear{ID: key, Messages: want, Bytes: want * large}) {
			t.Errorf("the ring says %+v, want %d messages", got, want)
		}
	}
}

// TestSinceIsRemembered: the earliest of what rings have seen is there for the next one.
func TestSinceIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorn(t)
		a, b := w.ring(), w.ring()
		key, at := activeOf(t, a), time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
		a.counter.observe(key, at.Add(time.Hour))
		a.counter.observe(key, at.Add(time.Minute))
		a.counter.observe(key, at.Add(2*time.Hour))
		b.counter.observe(key, at)
		if got := wearOf(a, key); !got.Since.Equal(at.Add(time.Minute)) {
			t.Errorf("before it is written a ring says %v", got.Since)
		}
		b.Close()
		time.Sleep(2 * wearTick)
		a.Close()
		if w.wear.written() != 1 {
			t.Errorf("%d writes: the later time makes no difference", w.wear.written())
		}
		c := w.ring()
		time.Sleep(wearTick)
		for _, r := range []*Ring{a, c} {
			if got := wearOf(r, key); got != (KeyWear{ID: key, Since: at}) {
				t.Errorf("then a ring says %+v, want since %v", got, at)
			}
		}
	})
}

// unmovable is a store that cannot set anything aside.
type unmovable struct{ keystore.Store }

func (unmovable) SetAside(context.Context, keystore.Digest) (string, error) {
	return "", errors.New("it cannot be renamed")
}

func memoryOf(t testing.TB, data []byte) *keystore.Memory {
	t.Helper()
	m := keystore.NewMemory()
	if err := m.Write(t.Context(), keystore.Digest{}, data); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestWearOfRingsThatEndAtOnce, as those of a machine that is shut down: each finds the file changed by another, and
// all are counted.
func TestWearOfRingsThatEndAtOnce(t *testing.T) {
	const rings = 12
	path := filepath.Join(t.TempDir(), "ks")
	store := keystore.NewFile(path)
	first, err := Create(t.Context(), store, []*wrappers.KEK{localKEK(t)}, &Options{Cluster: "c", Region: "r"})
	if err != nil {
		t.Fatal(err)
	}
	key := activeOf(t, first)
	first.Close()
	var all []*Ring
	for i := range rings {
		r, err := Load(t.Context(), keystore.NewFile(path), []*wrappers.KEK{localKEK(t)}, &Options{Wear: keystore.NewFile(path).Beside(".wear")})
		if err != nil {
			t.Fatal(err)
		}
		sealLarge(t, r, i+1)
		all = append(all, r)
	}
	var ended sync.WaitGroup
	for _, r := range all {
		ended.Go(func() { r.Close() })
	}
	ended.Wait()
	got, err := ReadWear(t.Context(), store.Beside(".wear"), first.ID())
	want := of(rings * (rings + 1) / 2)
	if err != nil || len(got) != 1 || got[0] != (KeyWear{ID: key, Messages: want.Messages, Bytes: want.Bytes}) {
		t.Errorf("ReadWear = %+v, %v, want %+v", got, err, want)
	}
}
