package keyring_test

import (
	"context"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// machine is a few processes with rings on one store that loses answers. Whatever they do, and in whatever order: every
// message that one of them sealed opens in each of them after a refresh, and one key is active.
type machine struct {
	t     *testing.T
	store *faulty
	keks  []*wrappers.KEK
	rings []*keyring.Ring
	msgs  [][]byte
}

func TestMachine(t *testing.T) {
	a, b := newEngine(t), newEngine(t)
	keks := keks(a.kek(t, "a"), b.kek(t, "b"))
	rapid.Check(t, func(rt *rapid.T) {
		m := &machine{t: t, store: &faulty{Memory: keystore.NewMemory()}, keks: keks}
		m.rings = append(m.rings, create(t, m.store, m.keks...))
		for range 2 {
			m.rings = append(m.rings, load(t, m.store, home(), m.keks...))
		}
		defer m.close()
		rt.Repeat(map[string]func(*rapid.T){
			"seal":     m.seal,
			"rotate":   m.rotate,
			"rewrap":   m.rewrap,
			"new root": m.newRoot,
			"refresh":  m.refresh,
			"restart":  m.restart,
			"lose the answer of the next write": func(rt *rapid.T) {
				happens := rapid.Bool().Draw(rt, "it happens")
				m.store.write = func(real func() error) error {
					if happens {
						real()
					}
					return keystore.ErrOutcomeUnknown
				}
			},
			"": m.check,
		})
	})
}

func (m *machine) close() {
	for _, r := range m.rings {
		r.Close()
	}
}

func (m *machine) ring(rt *rapid.T) *keyring.Ring {
	return rapid.SampledFrom(m.rings).Draw(rt, "ring")
}

func (m *machine) seal(rt *rapid.T) {
	msg, err := m.ring(rt).Seal(nil, nil, here)
	if err != nil {
		rt.Fatal(err)
	}
	m.msgs = append(m.msgs, msg)
}

// lost fails for any error but that of an answer that was lost.
func (m *machine) lost(rt *rapid.T, err error) {
	if err != nil && !errors.Is(err, keystore.ErrOutcomeUnknown) {
		rt.Fatal(err)
	}
}

func (m *machine) rotate(rt *rapid.T) {
	_, err := m.ring(rt).Rotate(context.Background())
	m.lost(rt, err)
}

func (m *machine) rewrap(rt *rapid.T) {
	_, err := m.ring(rt).Rewrap(context.Background(), m.keks...)
	m.lost(rt, err)
}

// newRoot refreshes the others, which may not miss two new roots in a row: they pin the identity that they know.
func (m *machine) newRoot(rt *rapid.T) {
	_, err := m.ring(rt).RotateRoot(context.Background())
	m.lost(rt, err)
	for _, r := range m.rings {
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

func (m *machine) restart(rt *rapid.T) {
	i := rapid.IntRange(0, len(m.rings)-1).Draw(rt, "which")
	o := home()
	o.Seen = m.rings[i].Seen()
	m.rings[i].Close()
	r, err := keyring.Load(context.Background(), m.store, m.keks, o)
	if err != nil {
		rt.Fatal(err)
	}
	m.rings[i] = r
}

func (m *machine) check(rt *rapid.T) {
	c, _, err := keystore.Fetch(context.Background(), m.store, nil)
	if err != nil {
		rt.Fatal(err)
	}
	active := 0
	for _, k := range c.Keys {
		if k.State == keystore.Active {
			active++
		}
	}
	if active != 1 {
		rt.Fatalf("%d keys are active", active)
	}
	for i, r := range m.rings {
		for _, msg := range m.msgs {
			_, err := r.Open(nil, msg, here)
			if errors.Is(err, keyring.ErrUnknownKey) {
				if err := r.Refresh(context.Background()); err != nil {
					rt.Fatal(err)
				}
				_, err = r.Open(nil, msg, here)
			}
			if err != nil {
				rt.Fatalf("ring %d: %v", i, err)
			}
		}
	}
}
