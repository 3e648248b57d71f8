package keyring

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// monthlyRing is a ring of a new keystore whose keys live for 30 days.
func monthlyRing(t *testing.T, change func(*Options)) *Ring {
	t.Helper()
	o := monthly()
	o.Cluster, o.Region, o.RefreshInterval, o.PayInterval = "c", "r", 30*time.Second, -1
	change(o)
	r, err := Create(t.Context(), keystore.NewMemory(), []*wrappers.KEK{localKEK(t)}, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func maintainOnce(t *testing.T, r *Ring) *Maintenance {
	t.Helper()
	m, err := r.MaintainOnce(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestAnActiveKeyThatNobodyCanUseIsReplaced at once, or as soon as the other readers know the next one: it takes two
// writes then, and nobody can seal after the first.
func TestAnActiveKeyThatNobodyCanUseIsReplaced(t *testing.T) {
	mark := func(_ *root, k *keystore.Key) { k.Compromised = true }
	for _, c := range []struct {
		name    string
		spoil   func(r *root, k *keystore.Key)
		readers int
		reason  Reason
		waits   time.Duration
	}{
		{"unknown suite", keysGoneWrong[0].spoil, 1, ReasonUnusable, 0},
		{"unknown suite, several readers", keysGoneWrong[0].spoil, 3, ReasonUnusable, visible},
		{"DEK of another key", keysGoneWrong[2].spoil, 1, ReasonUnusable, 0},
		{"DEK of another key, several readers", keysGoneWrong[2].spoil, 3, ReasonUnusable, visible},
		{"compromised", mark, 1, ReasonCompromised, 0},
		{"compromised, several readers", mark, 3, ReasonCompromised, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := monthlyRing(t, func(o *Options) { o.Readers = c.readers })
				defer r.Close()
				writeBeside(t, r, func(next *keystore.Contents, held *root) { c.spoil(held, &next.Keys[0]) })
				time.Sleep(day)
				if s := r.Schedule(); s.Reason != c.reason || !s.Key.IsZero() || time.Until(s.Next) != c.waits {
					t.Errorf("Schedule = %+v", s)
				}
				began := time.Now()
				m := maintainOnce(t, r)
				if m.Activated.IsZero() || m.Activated != r.state.Load().active.id || m.Reason != c.reason || time.Since(began) != c.waits {
					t.Errorf("after %v: %+v", time.Since(began), m)
				}
				if _, err := r.Seal(nil, nil, Bind("test")); err != nil {
					t.Error(err)
				}
				if m := maintainOnce(t, r); !m.Activated.IsZero() || !m.Prepublished.IsZero() || m.Schedule.Reason != ReasonPeriod {
					t.Errorf("the next time: %+v", m)
				}
			})
		})
	}
}

// TestADamagedSuccessorIsInNobodysWay: another one is made as soon as the damage is seen.
func TestADamagedSuccessorIsInNobodysWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := monthlyRing(t, func(*Options) {})
		defer r.Close()
		time.Sleep(29 * day)
		damaged := maintainOnce(t, r).Prepublished
		writeBeside(t, r, func(next *keystore.Contents, held *root) { keysGoneWrong[2].spoil(held, next.Find(damaged)) })
		m := maintainOnce(t, r)
		if m.Prepublished.IsZero() || m.Prepublished == damaged || m.Schedule.Key != m.Prepublished {
			t.Errorf("%+v", m)
		}
		time.Sleep(day)
		if got := maintainOnce(t, r); got.Activated != m.Prepublished || got.Overdue != 0 {
			t.Errorf("a day later: %+v", got)
		}
		if k := r.state.Load().contents.Find(damaged); k.State != keystore.Prepublished {
			t.Errorf("the damaged key is %v", k.State)
		}
	})
}

func TestAKeyThatLacksAnAlgorithmIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := monthlyRing(t, func(*Options) {})
		r.Close()
		o := r.opts
		o.Signing.Algorithms = []string{"EdDSA"}
		again, err := Load(t.Context(), r.store, []*wrappers.KEK{localKEK(t)}, &o)
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		time.Sleep(5 * day)
		m := maintainOnce(t, again)
		if m.Prepublished.IsZero() || !m.Activated.IsZero() || m.Schedule.Reason != ReasonSigning || time.Until(m.Schedule.Next) != day {
			t.Errorf("%+v", m)
		}
		time.Sleep(day)
		if got := maintainOnce(t, again); got.Activated != m.Prepublished || got.Reason != ReasonSigning || got.Schedule.Reason != ReasonPeriod {
			t.Errorf("a day later: %+v", got)
		}
	})
}

// TestANewKeyThatWouldLackTheAlgorithmAsWell is not made, again and again.
func TestANewKeyThatWouldLackTheAlgorithmAsWell(t *testing.T) {
	r := localRing(t)
	p := r.opts.policy()
	p.algorithms = []string{"EdDSA", "ES512"} // which Options.Signing would not take
	done, _, err := (&round{r, p, time.Now(), false}).run(t.Context())
	want := "a new key would not sign with all of EdDSA, ES512 either"
	if err == nil || !strings.HasPrefix(err.Error(), "keyring: make the key that becomes active on ") || !strings.HasSuffix(err.Error(), want) || done != nil || len(r.Keys()) != 1 {
		t.Errorf("%v, %v, %d keys", done, err, len(r.Keys()))
	}
}

// TestAWornKeyIsReplaced: its successor is made when three quarters are sealed, and active when all is, or after its lead.
func TestAWornKeyIsReplaced(t *testing.T) {
	const size = 64 << 10 // from here on the count is exact
	for _, c := range []struct {
		limit  Rotation
		reason Reason
	}{
		{Rotation{Messages: 16}, ReasonMessages},
		{Rotation{Bytes: 16 * size}, ReasonBytes},
	} {
		for _, more := range []int{0, 4} {
			t.Run(fmt.Sprintf("%s, %d more", c.reason, more), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := monthlyRing(t, func(o *Options) { o.Rotation = c.limit })
					defer r.Close()
					sealed := func(n int) {
						for range n {
							if _, err := r.Seal(nil, make([]byte, size), Bind("test")); err != nil {
								t.Fatal(err)
							}
						}
					}
					sealed(11)
					if m := maintainOnce(t, r); !m.Prepublished.IsZero() || !m.Activated.IsZero() || m.Schedule != (Schedule{Lead: short}) {
						t.Fatalf("after 11 of 16: %+v", m)
					}
					sealed(1)
					m := maintainOnce(t, r)
					if m.Prepublished.IsZero() || !m.Activated.IsZero() || m.Schedule.Reason != c.reason || time.Until(m.Schedule.Next) != day {
						t.Fatalf("after 12 of 16: %+v", m)
					}
					sealed(more)
					if more == 0 {
						time.Sleep(day)
					}
					if got := maintainOnce(t, r); got.Activated != m.Prepublished || got.Reason != c.reason || got.Schedule != (Schedule{Lead: short}) {
						t.Errorf("in the end: %+v", got)
					}
				})
			})
		}
	}
}

// TestAClockInDoubtRotatesNothing for which there is a date; what cannot wait does not.
func TestAClockInDoubtRotatesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ahead time.Duration
		r := monthlyRing(t, func(o *Options) { o.Clock = func() time.Time { return time.Now().Add(ahead) } })
		defer r.Close()
		m := newMaintainer(r)
		m.look(t.Context())
		time.Sleep(day)
		ahead = 365 * day
		m.look(t.Context())
		time.Sleep(month/400 - time.Second)
		m.look(t.Context())
		if n := len(r.Keys()); n != 1 {
			t.Errorf("%d keys", n)
		}
		time.Sleep(time.Second)
		m.look(t.Context()) // it is believed
		if s := r.Schedule(); len(r.Keys()) != 2 || s.Overdue < 300*day || s.NextPrepublish != (time.Time{}) {
			t.Errorf("%d keys, %+v", len(r.Keys()), s)
		}
		ahead = 0
		writeBeside(t, r, func(next *keystore.Contents, held *root) { keysGoneWrong[2].spoil(held, &next.Keys[0]) })
		m.look(t.Context())
		if r.state.Load().active == nil {
			t.Error("an unusable key was not replaced")
		}
	})
}

// TestAKeystoreOfAClockThatIsCenturiesAhead is rotated as any other, automatically and by hand.
func TestAKeystoreOfAClockThatIsCenturiesAhead(t *testing.T) {
	for _, readers := range []int{1, 3} {
		for _, written := range []time.Time{dawn.AddDate(200, 0, 0), dawn.AddDate(400, 0, 0), lastDate} {
			t.Run(fmt.Sprintf("%d, %d readers", written.Year(), readers), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					// Not the time of the bubble: IDs are made in order, also after those of another one.
					now := func() time.Time { return time.Now().Add(3650 * day) }
					r := monthlyRing(t, func(o *Options) { o.Readers, o.Clock = readers, now })
					defer r.Close()
					writeBeside(t, r, func(c *keystore.Contents, _ *root) { c.Written, c.Keys[0].Activated = written, written })
					first := maintainOnce(t, r).Schedule.Next
					for range 3 {
						time.Sleep(first.Add(-time.Hour).Sub(now()))
						if m := maintainOnce(t, r); m.Prepublished.IsZero() || !m.Activated.IsZero() {
							t.Fatalf("an hour before: %+v", m)
						}
						time.Sleep(r.Schedule().Next.Sub(now()))
						if m := maintainOnce(t, r); m.Activated.IsZero() || m.Reason != ReasonPeriod {
							t.Fatalf("when it is due: %+v", m)
						}
						next := r.Schedule().Next
						if late := next.Sub(first.Add(month)); late < 0 || late > month/100 {
							t.Fatalf("the rotation after that of %v is due on %v", first, next)
						}
						first = next
					}
					if _, err := r.Rotate(t.Context()); err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}
