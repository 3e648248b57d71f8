package keyring_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// machine is a few processes with rings on one store that loses answers, while KEKs come and go, clocks differ, and
// somebody else writes in between. Whatever they do, and in whatever order: every message that one of them sealed opens
// in each of them after a refresh, unless its key was destroyed by force; one key is active; and no key goes back.
type machine struct {
	t       *testing.T
	store   *faulty
	engines []*engine
	keks    []*wrappers.KEK
	rings   []*keyring.Ring
	skews   []time.Duration // of the rings' clocks
	rival   *keyring.Ring   // whose writes come in between those of the others
	msgs    [][]byte
	killed  map[keystore.ID]bool // keys that were destroyed by force
	known   map[keystore.ID]keystore.Key
	done    map[string]int // how often what succeeded, over all runs
}

func TestMachine(t *testing.T) {
	done := make(map[string]int)
	rapid.Check(t, func(rt *rapid.T) {
		var failure any // a panic is how rapid ends a run, and it must not end in the bubble
		synctest.Test(t, func(t *testing.T) {
			defer func() { failure = recover() }()
			newMachine(t, rt, done).run(rt)
		})
		if failure != nil {
			panic(failure)
		}
	})
	t.Log(done)
	if testing.Short() { // a fifth of the runs, which need not have had everything
		return
	}
	for _, what := range []string{"seal", "stale", "rotate", "prepublish", "activate", "withdraw", "mark", "destroy what sealed", "destroy what never did", "force", "lease", "new root", "rewrap", "restart"} {
		if done[what] == 0 {
			t.Errorf("%s never happened", what)
		}
	}
}

func newMachine(t *testing.T, rt *rapid.T, done map[string]int) *machine {
	m := &machine{t: t, store: &faulty{Memory: keystore.NewMemory()}, done: done,
		killed: make(map[keystore.ID]bool), known: make(map[keystore.ID]keystore.Key)}
	for _, name := range []string{"a", "b"} {
		e := newEngine(t)
		m.engines, m.keks = append(m.engines, e), append(m.keks, e.kek(t, name))
	}
	o := home()
	o.Lease, o.PayInterval = 2*time.Minute, -1
	first, err := keyring.Create(context.Background(), m.store, m.keks, o)
	if err != nil {
		rt.Fatal(err)
	}
	first.Close()
	for i := range 4 {
		m.skews = append(m.skews, rapid.SampledFrom([]time.Duration{-20 * time.Second, 0, 20 * time.Second}).Draw(rt, "skew"))
		r, err := m.load(i)
		if err != nil {
			rt.Fatal(err)
		}
		m.rings = append(m.rings, r)
	}
	m.rings, m.rival = m.rings[:3], m.rings[3]
	return m
}

// load loads ring i. The first one shares the keystore with others and knows it, and the second looks at the store only
// when it is told to.
func (m *machine) load(i int) (*keyring.Ring, error) {
	o := home()
	o.PayInterval = -1
	if i == 0 {
		o.Readers = 3
	}
	if i != 1 {
		o.RefreshInterval = 30 * time.Second
	}
	if i < len(m.rings) {
		o.Seen = m.rings[i].Seen()
	}
	o.Clock = m.clock(i)
	return keyring.Load(context.Background(), m.store, m.keks, o)
}

func (m *machine) clock(i int) func() time.Time {
	return func() time.Time { return time.Now().Add(m.skews[i]) }
}

func (m *machine) run(rt *rapid.T) {
	defer m.close()
	rt.Repeat(map[string]func(*rapid.T){
		"seal":       m.seal,
		"rotate":     m.rotate,
		"prepublish": m.prepublish,
		"activate":   m.activate,
		"withdraw":   m.withdraw,
		"mark":       m.mark,
		"destroy":    m.destroy,
		"force":      m.force,
		"lease":      m.lease,
		"rewrap":     m.rewrap,
		"new root":   m.newRoot,
		"refresh":    m.refresh,
		"restart":    m.restart,
		"time passes": func(rt *rapid.T) {
			time.Sleep(time.Duration(rapid.IntRange(1, 400).Draw(rt, "seconds")) * time.Second)
		},
		"KEKs come and go": func(rt *rapid.T) {
			for _, e := range m.engines {
				e.fail(rapid.SampledFrom([]wrappers.Class{0, 0, wrappers.Later}).Draw(rt, "fails"))
			}
		},
		"somebody else is faster": func(rt *rapid.T) {
			m.store.write = func(real func() error) error {
				if _, err := m.rival.Prepublish(context.Background(), time.Time{}); err != nil {
					rt.Fatal(err)
				}
				return real()
			}
		},
		"lose the answer of the next write": func(rt *rapid.T) {
			happens := rapid.Bool().Draw(rt, "it happens")
			m.store.write = func(real func() error) error {
				if happens {
					return lost(real())
				}
				return keystore.ErrOutcomeUnknown
			}
		},
		"": m.check,
	})
}

func (m *machine) close() {
	m.rival.Close()
	for _, r := range m.rings {
		r.Close()
	}
}

func (m *machine) any(rt *rapid.T) int { return rapid.IntRange(0, len(m.rings)-1).Draw(rt, "ring") }

func (m *machine) ring(rt *rapid.T) *keyring.Ring { return m.rings[m.any(rt)] }

// key draws one that a ring knows of.
func (m *machine) key(rt *rapid.T, r *keyring.Ring) keyring.KeyInfo {
	return rapid.SampledFrom(r.Keys()).Draw(rt, "key")
}

// came notes what succeeded, and fails for an error that there is no reason for.
func (m *machine) came(rt *rapid.T, what string, err error, allowed ...error) {
	for _, a := range append(allowed, keystore.ErrOutcomeUnknown) {
		if errors.Is(err, a) {
			return
		}
	}
	if err != nil {
		rt.Fatalf("%s: %v", what, err)
	}
	m.done[what]++
}

// kekTrouble is what a KEK that is down may cause.
func (m *machine) kekTrouble(err error) error {
	if wrappers.HasClass(err, wrappers.Later) {
		return err
	}
	return keyring.ErrNoKEK
}

// seal has every ring seal something.
func (m *machine) seal(rt *rapid.T) {
	for _, r := range m.rings {
		m.sealWith(rt, r)
	}
}

func (m *machine) sealWith(rt *rapid.T, r *keyring.Ring) {
	msg, err := r.Seal(nil, nil, here)
	if errors.Is(err, keyring.ErrStale) {
		m.done["stale"]++
		return
	}
	m.came(rt, "seal", err)
	for _, k := range r.Keys() {
		if k.ID == keystore.ID(msg[1:17]) && (k.State != keystore.Active || k.Compromised) {
			rt.Fatalf("sealed with key %+v", k)
		}
	}
	m.msgs = append(m.msgs, msg)
}

func (m *machine) rotate(rt *rapid.T) {
	_, err := m.ring(rt).Rotate(context.Background())
	m.came(rt, "rotate", err, m.kekTrouble(err))
}

func (m *machine) prepublish(rt *rapid.T) {
	_, err := m.ring(rt).Prepublish(context.Background(), time.Now().Add(time.Hour))
	m.came(rt, "prepublish", err, m.kekTrouble(err))
}

func (m *machine) activate(rt *rapid.T) {
	r := m.ring(rt)
	m.came(rt, "activate", r.Activate(context.Background(), m.key(rt, r).ID), keyring.ErrState)
}

func (m *machine) withdraw(rt *rapid.T) {
	r := m.ring(rt)
	m.came(rt, "withdraw", r.Withdraw(context.Background(), m.key(rt, r).ID), keyring.ErrState)
}

func (m *machine) mark(rt *rapid.T) {
	r := m.ring(rt)
	err := r.MarkCompromised(context.Background(), m.key(rt, r).ID)
	m.came(rt, "mark", err, m.kekTrouble(err))
}

// destroy takes an honest census, by the clock of one of the processes, and has another destroy by it.
func (m *machine) destroy(rt *rapid.T) {
	now := m.clock(m.any(rt))()
	r := m.ring(rt)
	n := &keyring.Census{Keystore: r.ID(), Begun: now, Ended: now, Sources: []string{"all"}, Keys: make(map[keystore.ID]keyring.Count)}
	for _, msg := range m.msgs {
		count := n.Keys[keystore.ID(msg[1:17])]
		count.Add(len(msg))
		n.Keys[keystore.ID(msg[1:17])] = count
	}
	k := m.key(rt, r)
	what := "destroy what sealed"
	if k.Activated.IsZero() {
		what = "destroy what never did"
	}
	m.came(rt, what, r.Destroy(context.Background(), k.ID, n), keyring.ErrState, keyring.ErrKeyInUse)
}

func (m *machine) force(rt *rapid.T) {
	r := m.ring(rt)
	id := m.key(rt, r).ID
	m.came(rt, "force", r.DestroyForced(context.Background(), id, nil), keyring.ErrState)
	if stateOf(m.t, m.store, id) == keystore.Destroyed {
		m.killed[id] = true // by this, unless an honest census has come first; then there are no messages of it
	}
}

// lease refreshes the others: a shorter lease binds only those that have read it.
func (m *machine) lease(rt *rapid.T) {
	d := time.Duration(rapid.IntRange(30, 240).Draw(rt, "seconds")) * time.Second
	m.came(rt, "lease", m.ring(rt).SetLease(context.Background(), d))
	m.refreshAll(rt)
}

func (m *machine) rewrap(rt *rapid.T) {
	_, err := m.ring(rt).Rewrap(context.Background(), m.keks...)
	m.came(rt, "rewrap", err, m.kekTrouble(err))
}

// newRoot refreshes the others, which may not miss two new roots in a row: they pin the identity that they know.
func (m *machine) newRoot(rt *rapid.T) {
	_, err := m.ring(rt).RotateRoot(context.Background())
	m.came(rt, "new root", err, m.kekTrouble(err))
	m.refreshAll(rt)
}

func (m *machine) refreshAll(rt *rapid.T) {
	for _, r := range append(m.rings[:len(m.rings):len(m.rings)], m.rival) {
		if err := r.Refresh(context.Background()); err != nil {
			rt.Fatal(err)
		}
	}
}

func (m *machine) refresh(rt *rapid.T) {
	if err := m.ring(rt).Refresh(context.Background()); err != nil {
		rt.Fatal(err)
	}
}

// restart ends a process once there is another one in its place: while the KEKs are down, none could start.
func (m *machine) restart(rt *rapid.T) {
	i := m.any(rt)
	r, err := m.load(i)
	m.came(rt, "restart", err, m.kekTrouble(err))
	if err == nil {
		m.rings[i].Close()
		m.rings[i] = r
	}
}

func (m *machine) check(rt *rapid.T) {
	m.checkKeys(rt)
	for i, r := range m.rings {
		for _, msg := range m.msgs {
			_, err := r.Open(nil, msg, here)
			if errors.Is(err, keyring.ErrUnknownKey) {
				if err := r.Refresh(context.Background()); err != nil {
					rt.Fatal(err)
				}
				_, err = r.Open(nil, msg, here)
			}
			if m.killed[keystore.ID(msg[1:17])] && errors.Is(err, keyring.ErrKeyDestroyed) {
				continue
			}
			if err != nil {
				rt.Fatalf("ring %d: %v", i, err)
			}
		}
	}
}

// checkKeys: one key is active, and it may be; none is lost, none goes back, and no mark is taken away.
func (m *machine) checkKeys(rt *rapid.T) {
	active := 0
	is := make(map[keystore.ID]keystore.Key)
	for _, k := range contents(m.t, m.store).Keys {
		is[k.ID] = k
		if k.State == keystore.Active {
			active++
			if k.Compromised {
				rt.Fatalf("the active key is marked: %+v", k)
			}
		}
	}
	if active != 1 {
		rt.Fatalf("%d keys are active", active)
	}
	for id, was := range m.known {
		if k, ok := is[id]; !ok || k.State < was.State || was.Compromised && !k.Compromised {
			rt.Fatalf("key %+v became %+v", was, k)
		}
	}
	m.known = is
}
