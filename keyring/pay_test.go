package keyring_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// following are options of a ring as a server has it, and what it logs.
func following() (*keyring.Options, *logged) {
	o, log := home(), &logged{}
	o.RefreshInterval, o.Logger = 0, log.logger()
	return o, log
}

// generation returns that of what the store holds.
func generation(t *testing.T, store keystore.Store) uint64 {
	t.Helper()
	return contents(t, store).Generation
}

// indebted returns a store that holds a keystore with a stanza for a and a debt to b, which is down.
func indebted(t *testing.T, a, b *engine) *keystore.Memory {
	t.Helper()
	store := keystore.NewMemory()
	b.fail(wrappers.Later)
	create(t, store, a.kek(t, "a"), b.kek(t, "b")).Close()
	wantStanzas(t, store, []string{"test.a"}, []string{"test.b"})
	return store
}

func TestARingPaysItsDebts(t *testing.T) {
	for name, c := range map[string]struct {
		owe   func(t *testing.T, r *keyring.Ring, keks ...*wrappers.KEK) error
		still []string // has its stanza meanwhile
	}{
		"rewrap": {func(t *testing.T, r *keyring.Ring, keks ...*wrappers.KEK) error {
			_, err := r.Rewrap(t.Context(), keks...)
			return err
		}, []string{"test.a", "test.b"}},
		"new root": {func(t *testing.T, r *keyring.Ring, _ ...*wrappers.KEK) error {
			_, err := r.RotateRoot(t.Context())
			return err
		}, []string{"test.a"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, a, b := &previousStore{Memory: keystore.NewMemory()}, newEngine(t), newEngine(t)
				o, log := following()
				r, err := keyring.Create(t.Context(), store, keks(a.kek(t, "a"), b.kek(t, "b")), o)
				if err != nil {
					t.Fatal(err)
				}
				defer r.Close()
				b.fail(wrappers.Later)
				if err := c.owe(t, r, a.kek(t, "a"), b.kek(t, "b")); err != nil {
					t.Fatal(err)
				}
				wantStanzas(t, store, c.still, []string{"test.b"})
				msg, before, unwraps, removed := seal(t, r, "x"), generation(t, store), a.decrypts.Load(), store.removed

				time.Sleep(5 * time.Minute)
				if got := log.count("still owed a stanza", "wrap with test.b", "engine is later", "next="); got < 1 || got > 5 {
					t.Errorf("%d attempts in five minutes:\n%s", got, log)
				}
				if got := a.decrypts.Load() - unwraps; got != 0 || generation(t, store) != before {
					t.Errorf("the root was unwrapped %d times while nobody could receive it", got)
				}
				b.fail(0)
				encrypts := b.encrypts.Load()
				time.Sleep(12 * time.Minute) // the fourth pause is at most that long
				wantStanzas(t, store, []string{"test.a", "test.b"}, nil)
				if len(r.Owed()) != 0 || log.count("a debt is paid", "test.b") != 1 {
					t.Errorf("owed %v:\n%s", r.Owed(), log)
				}
				if len(c.still) == 2 && store.removed != removed+1 {
					t.Error("the previous generation, with the old stanza of test.b, is still there")
				}
				time.Sleep(24 * time.Hour)
				if got := generation(t, store); got != before+1 {
					t.Errorf("generation %d, want the one write after %d", got, before)
				}
				if got := b.encrypts.Load() - encrypts; got != 2 {
					t.Errorf("test.b wrapped %d times, want a try and the root", got)
				}
				if got := a.decrypts.Load() - unwraps; got != 1 {
					t.Errorf("the root was unwrapped %d times", got)
				}
				mustOpen(t, load(t, store, home(), b.kek(t, "b")), msg, "x")
			})
		})
	}
}

// Servers that share a store pay once between them, whoever of them has the KEK, and lose nothing of the others'.
func TestOneOfSeveralRingsPays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newEngine(t), newEngine(t)
		store := indebted(t, a, b)
		var logs []*logged
		for _, with := range [][]*wrappers.KEK{keks(a.kek(t, "a"), b.kek(t, "b")), keks(a.kek(t, "a"), b.kek(t, "b")), keks(a.kek(t, "a"))} {
			o, log := following()
			logs = append(logs, log)
			defer load(t, store, o, with...).Close()
		}
		time.Sleep(time.Hour)
		b.fail(0)
		time.Sleep(24 * time.Hour)
		wantStanzas(t, store, []string{"test.a", "test.b"}, nil)
		paid := 0
		for _, log := range logs {
			paid += log.count("a debt is paid")
		}
		if paid != 1 || generation(t, store) != 2 {
			t.Errorf("paid %d times, generation %d", paid, generation(t, store))
		}
	})
}

// Two that pay in the same moment: one writes, the other sees it and is content.
func TestTwoPayAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newEngine(t), newEngine(t)
		store := indebted(t, a, b)
		o, log := following()
		r := load(t, store, o, a.kek(t, "a"), b.kek(t, "b"))
		defer r.Close()
		other := load(t, store, home(), a.kek(t, "a"), b.kek(t, "b"))
		faster := func() {
			if _, err := other.Rewrap(t.Context(), a.kek(t, "a"), b.kek(t, "b")); err != nil {
				t.Error(err)
			}
		}
		a.before.Store(&faster) // when the ring unwraps the root to pay
		b.fail(0)
		time.Sleep(time.Hour)
		wantStanzas(t, store, []string{"test.a", "test.b"}, nil)
		if generation(t, store) != 2 || log.count("still owed") != 0 || log.count("a debt is paid") != 0 {
			t.Errorf("generation %d:\n%s", generation(t, store), log)
		}
		other.Close()
	})
}

// A debt that is noticed late, because another server made it, is paid as soon as one of the ring's own.
func TestANewDebtIsPaidSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := newEngine(t), newEngine(t), newEngine(t)
		store := indebted(t, a, b)
		o, _ := following()
		r := load(t, store, o, a.kek(t, "a"), b.kek(t, "b"), c.kek(t, "c"))
		defer r.Close()
		time.Sleep(24 * time.Hour) // the pauses are long by now
		c.fail(wrappers.Later)
		if _, err := load(t, store, home(), a.kek(t, "a")).Rewrap(t.Context(), a.kek(t, "a"), b.kek(t, "b"), c.kek(t, "c")); err != nil {
			t.Fatal(err)
		}
		c.fail(0)
		time.Sleep(2*time.Minute + 30*time.Second)
		wantStanzas(t, store, []string{"test.a", "test.c"}, []string{"test.b"})
	})
}

func TestWhoDoesNotPay(t *testing.T) {
	for name, c := range map[string]struct {
		change func(o *keyring.Options)
		kek    func(t *testing.T, b *engine) []*wrappers.KEK
	}{
		"read-only":        {change: func(o *keyring.Options) { o.ReadOnly = true }},
		"switched off":     {change: func(o *keyring.Options) { o.PayInterval = -1 }},
		"does not have it": {kek: func(*testing.T, *engine) []*wrappers.KEK { return nil }},
		"inactive":         {kek: func(t *testing.T, b *engine) []*wrappers.KEK { return keks(b.kek(t, "b", inactive)) }},
		"another's": {kek: func(t *testing.T, b *engine) []*wrappers.KEK {
			return keks(b.kek(t, "b", func(o *wrappers.Options) { o.Provider = "other" }))
		}},
		"a person": {kek: func(t *testing.T, b *engine) []*wrappers.KEK { b.person = true; return keks(b.kek(t, "b")) }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := newEngine(t), newEngine(t)
				store := indebted(t, a, b)
				b.fail(0)
				o, log := following()
				with := keks(b.kek(t, "b"))
				if c.change != nil {
					c.change(o)
				}
				if c.kek != nil {
					with = c.kek(t, b)
				}
				encrypts := b.encrypts.Load()
				r := load(t, store, o, append(with, a.kek(t, "a"))...)
				time.Sleep(24 * time.Hour)
				r.Close()
				wantStanzas(t, store, []string{"test.a"}, []string{"test.b"})
				if got := b.encrypts.Load() - encrypts; got != 0 || log.count("owed") != 0 {
					t.Errorf("test.b was asked %d times to wrap:\n%s", got, log)
				}
			})
		})
	}
}

// What a KEK costs that is gone for a week: 168 hours, a call in each, and some more at the beginning.
func TestADebtIsCheapWhileItCannotBePaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newEngine(t), newEngine(t)
		store := indebted(t, a, b)
		o, _ := following()
		r := load(t, store, o, a.kek(t, "a"), b.kek(t, "b"))
		defer r.Close()
		calls, unwraps := b.encrypts.Load(), a.decrypts.Load()
		time.Sleep(7 * 24 * time.Hour)
		if got := b.encrypts.Load() - calls; got < 100 || got > 250 || a.decrypts.Load() != unwraps {
			t.Errorf("%d calls of test.b in a week, and %d unwraps", got, a.decrypts.Load()-unwraps)
		}
	})
}

// A KEK that will never do it is asked once, and again when the ring is given others.
func TestAKEKThatSaysNeverIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := newEngine(t), newEngine(t), newEngine(t)
		store := indebted(t, a, b)
		o, log := following()
		r := load(t, store, o, a.kek(t, "a"), b.kek(t, "b"))
		defer r.Close()
		b.fail(wrappers.Never)
		calls := b.encrypts.Load()
		time.Sleep(24 * time.Hour)
		if got := b.encrypts.Load() - calls; got != 1 || log.count("not asked again", "test.b", "engine is never", "keyring rewrap") != 1 || log.count("still owed") != 0 {
			t.Errorf("test.b was asked %d times:\n%s", got, log)
		}
		for _, e := range []*engine{b, c} {
			e.fail(wrappers.Later)
		}
		if _, err := r.Rewrap(t.Context(), a.kek(t, "a"), b.kek(t, "b"), c.kek(t, "c")); err != nil {
			t.Fatal(err)
		}
		for _, e := range []*engine{b, c} {
			e.fail(0)
		}
		time.Sleep(2 * time.Minute)
		wantStanzas(t, store, []string{"test.a", "test.b", "test.c"}, nil)
	})
}

// A KEK that becomes active owes its ring an attempt, however old the debt is.
func TestAKEKThatBecomesActiveIsPaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newEngine(t), newEngine(t)
		store := indebted(t, a, b)
		o, _ := following()
		r := load(t, store, o, a.kek(t, "a"), b.kek(t, "b", inactive))
		defer r.Close()
		time.Sleep(time.Hour)
		if _, err := r.Rewrap(t.Context(), a.kek(t, "a"), b.kek(t, "b")); err != nil {
			t.Fatal(err)
		}
		b.fail(0)
		time.Sleep(2 * time.Minute)
		wantStanzas(t, store, []string{"test.a", "test.b"}, nil)
	})
}

func TestNobodyUnwrapsTheRootToPay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newEngine(t), newEngine(t)
		store := indebted(t, a, b)
		o, log := following()
		r := load(t, store, o, a.kek(t, "a"), b.kek(t, "b"))
		defer r.Close()
		a.fail(wrappers.Later)
		b.fail(0)
		time.Sleep(2 * time.Minute)
		if log.count("still owed", "unwrap the root to pay", "test.a", "engine is later") == 0 {
			t.Errorf("the log does not say why nothing is paid:\n%s", log)
		}
		a.fail(0)
		time.Sleep(time.Hour)
		wantStanzas(t, store, []string{"test.a", "test.b"}, nil)
	})
}

// A KEK that wraps what is tried and then not the root, and a store that does not write.
func TestAPaymentThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newEngine(t), newEngine(t)
		store := &full{Memory: indebted(t, a, b)}
		o, log := following()
		r := load(t, store, o, a.kek(t, "a"), b.kek(t, "b"))
		defer r.Close()
		b.fail(0)
		fail := func() { b.fail(wrappers.Ask) }
		a.before.Store(&fail)
		time.Sleep(2 * time.Minute)
		if log.count("still owed", "wrap with test.b", "engine is ask") == 0 {
			t.Errorf("the log does not say that test.b failed:\n%s", log)
		}
		b.fail(0)
		store.is.Store(true)
		time.Sleep(20 * time.Minute)
		if log.count("still owed", "disk full") == 0 {
			t.Errorf("the log does not say that the store failed:\n%s", log)
		}
		store.is.Store(false)
		time.Sleep(3 * time.Hour)
		wantStanzas(t, store, []string{"test.a", "test.b"}, nil)
	})
}

// full is a store without room for a write, while it is.
type full struct {
	*keystore.Memory
	is atomic.Bool
}

func (f *full) Write(ctx context.Context, prev keystore.Digest, data []byte) error {
	if f.is.Load() {
		return errors.New("disk full")
	}
	return f.Memory.Write(ctx, prev, data)
}

// A KEK that hangs while it is to be paid keeps neither a writer nor Close waiting.
func TestPayingKeepsNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newEngine(t), newEngine(t)
		store := indebted(t, a, b)
		o, _ := following()
		r := load(t, store, o, a.kek(t, "a"), b.kek(t, "b"))
		b.silent.Store(true)
		calls := b.encrypts.Load()
		for b.encrypts.Load() == calls {
			time.Sleep(time.Second)
		}
		began := time.Now()
		if _, err := r.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := r.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.Close()
		if took := time.Since(began); took != 0 {
			t.Errorf("a rotation, a refresh and Close took %v", took)
		}
	})
}

// A ring that could not rotate, since no active KEK was known to open the keystore, can once it has paid one.
func TestAPaidKEKCountsAsProven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newEngine(t), newEngine(t)
		store := indebted(t, a, b)
		o, _ := following()
		r := load(t, store, o, a.kek(t, "a", inactive), b.kek(t, "b"))
		defer r.Close()
		_, err := r.Rotate(t.Context())
		wantError(t, err, keyring.ErrNoKEK)
		b.fail(0)
		time.Sleep(2 * time.Minute)
		if _, err := r.Rotate(t.Context()); err != nil {
			t.Errorf("after the payment: %v", err)
		}
	})
}

// A recovery recipient, which is never read back, is paid like the others.
func TestARecipientIsPaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newEngine(t), newEngine(t)
		b.wrapOnly = true
		store := indebted(t, a, b)
		b.fail(0)
		o, _ := following()
		r := load(t, store, o, a.kek(t, "a"), b.kek(t, "b"))
		defer r.Close()
		time.Sleep(2 * time.Minute)
		if names, owed := stanzas(t, store); !slices.Contains(names, "test.b") || len(owed) != 0 {
			t.Errorf("stanzas %v, owed %v", names, owed)
		}
	})
}
