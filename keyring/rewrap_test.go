package keyring_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

func stanzas(t *testing.T, store keystore.Store) (names, owed []string) {
	t.Helper()
	c, _, err := keystore.Fetch(t.Context(), store, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range c.Stanzas {
		names = append(names, s.KEK)
	}
	for _, o := range c.Owed {
		owed = append(owed, o.KEK)
	}
	return names, owed
}

func wantStanzas(t *testing.T, store keystore.Store, names, owed []string) {
	t.Helper()
	gotNames, gotOwed := stanzas(t, store)
	slices.Sort(gotNames)
	if !slices.Equal(gotNames, names) || !slices.Equal(gotOwed, owed) {
		t.Errorf("stanzas %v, owed %v; want %v, owed %v", gotNames, gotOwed, names, owed)
	}
}

func TestRewrapMovesToAnotherKEK(t *testing.T) {
	store, a, b := keystore.NewMemory(), newEngine(t), newEngine(t)
	r := create(t, store, a.kek(t, "a"))
	msg := seal(t, r, "x")
	report, err := r.Rewrap(t.Context(), a.kek(t, "a", inactive), b.kek(t, "b"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(report.Wrapped, []string{"test.b"}) || !slices.Equal(report.Dropped, []string{"test.a"}) || len(report.Owed) != 0 || report.Generation != 2 {
		t.Errorf("report %+v", report)
	}
	wantStanzas(t, store, []string{"test.b"}, nil)
	wantError(t, loadErr(t, store, home(), a.kek(t, "a")), keyring.ErrNoKEK)
	mustOpen(t, load(t, store, home(), b.kek(t, "b")), msg, "x")
	// The ring itself works with the new KEKs now.
	if _, err := r.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestRewrapKeepsTheStanzaOfAKEKThatIsDown(t *testing.T) {
	for _, class := range []wrappers.Class{wrappers.Later, wrappers.Ask} {
		store, a, b, c := keystore.NewMemory(), newEngine(t), newEngine(t), newEngine(t)
		r := create(t, store, a.kek(t, "a"), b.kek(t, "b"))
		msg := seal(t, r, "x")
		b.fail(class)
		c.fail(class)
		report, err := r.Rewrap(t.Context(), a.kek(t, "a"), b.kek(t, "b"), c.kek(t, "c"))
		if err != nil {
			t.Fatal(err)
		}
		if report.Owed["test.b"] == nil || report.Owed["test.c"] == nil || len(report.Dropped) != 0 {
			t.Errorf("report %+v", report)
		}
		wantStanzas(t, store, []string{"test.a", "test.b"}, []string{"test.b", "test.c"})
		b.fail(0)
		c.fail(0)
		mustOpen(t, load(t, store, home(), b.kek(t, "b")), msg, "x")
		if _, err := r.Rewrap(t.Context(), a.kek(t, "a"), b.kek(t, "b"), c.kek(t, "c")); err != nil {
			t.Fatal(err)
		}
		wantStanzas(t, store, []string{"test.a", "test.b", "test.c"}, nil)
	}
}

// A debt to a KEK that is not wanted any more is not dropped in silence.
func TestRewrapTellsWhoseDebtIsWrittenOff(t *testing.T) {
	store, a, gone, idle, had := keystore.NewMemory(), newEngine(t), newEngine(t), newEngine(t), newEngine(t)
	r := create(t, store, a.kek(t, "a"), had.kek(t, "had"))
	for _, e := range []*engine{gone, idle, had} {
		e.fail(wrappers.Later)
	}
	if _, err := r.Rewrap(t.Context(), a.kek(t, "a"), had.kek(t, "had"), gone.kek(t, "gone"), idle.kek(t, "idle")); err != nil {
		t.Fatal(err)
	}
	wantStanzas(t, store, []string{"test.a", "test.had"}, []string{"test.had", "test.gone", "test.idle"})
	report, err := r.Rewrap(t.Context(), a.kek(t, "a"), idle.kek(t, "idle", inactive))
	if err != nil {
		t.Fatal(err)
	}
	wantStanzas(t, store, []string{"test.a"}, nil)
	if !slices.Equal(report.NoLongerOwed, []string{"test.gone", "test.idle"}) || !slices.Equal(report.Dropped, []string{"test.had"}) {
		t.Errorf("report %+v", report)
	}
}

func TestRewrapRefusesToLockTheOperatorOut(t *testing.T) {
	store, a, down, public := keystore.NewMemory(), newEngine(t), newEngine(t), newEngine(t)
	down.fail(wrappers.Later)
	public.wrapOnly = true
	r := create(t, store, a.kek(t, "a"))
	before, _ := store.Read(t.Context())
	for name, keks := range map[string][]*wrappers.KEK{
		"nothing":                {},
		"only inactive ones":     {a.kek(t, "a", inactive)},
		"only one that is down":  {down.kek(t, "down")},
		"only a recipient":       {public.kek(t, "public")},
		"a recipient and a dead": {public.kek(t, "public"), down.kek(t, "down")},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.Rewrap(t.Context(), keks...)
			wantError(t, err, keyring.ErrNoKEK)
			if after, _ := store.Read(t.Context()); keystore.DigestOf(after) != keystore.DigestOf(before) {
				t.Error("the refused rewrap wrote")
			}
		})
	}
	if _, err := r.Rotate(t.Context()); err != nil {
		t.Errorf("a refused rewrap changed the ring's KEKs: %v", err)
	}
}

// A change that is refused owes nobody anything, and does not say so either.
func TestDebtsAreLoggedOnceTheyAreWritten(t *testing.T) {
	changes := map[string]func(*keyring.Ring, ...*wrappers.KEK) error{
		"rewrap": func(r *keyring.Ring, keks ...*wrappers.KEK) error {
			_, err := r.Rewrap(t.Context(), keks...)
			return err
		},
		"new root": func(r *keyring.Ring, _ ...*wrappers.KEK) error { _, err := r.RotateRoot(t.Context()); return err },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			store, log := &fullStore{Memory: keystore.NewMemory()}, &logged{}
			a, down := newEngine(t), newEngine(t)
			down.fail(wrappers.Later)
			keks := []*wrappers.KEK{a.kek(t, "a"), down.kek(t, "down")}
			o := home()
			o.Logger = log.logger()
			debts := func() int { return log.count("is owed a stanza", "kek=test.down") }

			store.full = true
			if _, err := keyring.Create(t.Context(), store, keks, o); !errors.Is(err, errFull) || debts() != 0 {
				t.Errorf("Create without a write: %v, and %d debts logged, want none", err, debts())
			}
			store.full = false
			r, err := keyring.Create(t.Context(), store, keks, o)
			if err != nil || debts() != 1 {
				t.Fatalf("Create: %v, and %d debts logged, want 1", err, debts())
			}
			defer r.Close()
			a.fail(wrappers.Later)
			if err := change(r, keks...); err == nil || debts() != 1 {
				t.Errorf("refused: %v, and %d debts logged, want still 1", err, debts())
			}
			a.fail(0)
			store.full = true
			if err := change(r, keks...); !errors.Is(err, errFull) || debts() != 1 {
				t.Errorf("without a write: %v, and %d debts logged, want still 1", err, debts())
			}
			store.full = false
			if err := change(r, keks...); err != nil || debts() != 2 {
				t.Errorf("written: %v, and %d debts logged, want 2", err, debts())
			}
		})
	}
}

var errFull = errors.New("no space left on device")

// fullStore takes nothing while it is full.
type fullStore struct {
	*keystore.Memory
	full bool
}

func (s *fullStore) Write(ctx context.Context, prev keystore.Digest, data []byte) error {
	if s.full {
		return errFull
	}
	return s.Memory.Write(ctx, prev, data)
}

func TestRewrapNeedsTheOldKEK(t *testing.T) {
	store, a, b := keystore.NewMemory(), newEngine(t), newEngine(t)
	r := create(t, store, a.kek(t, "a"))
	a.fail(wrappers.Later)
	_, err := r.Rewrap(t.Context(), b.kek(t, "b"))
	if wrappers.ClassOf(err) != wrappers.Later {
		t.Errorf("error %v is of class %v, want later", err, wrappers.ClassOf(err))
	}
}

func TestRewrapRemovesThePreviousGeneration(t *testing.T) {
	store, e := &previousStore{Memory: keystore.NewMemory()}, newEngine(t)
	r := create(t, store, e.kek(t, "a"))
	if _, err := r.Rotate(t.Context()); err != nil || store.removed != 0 {
		t.Fatalf("Rotate: %v, removed %d times", err, store.removed)
	}
	if _, err := r.Rewrap(t.Context(), e.kek(t, "a")); err != nil || store.removed != 1 {
		t.Fatalf("Rewrap: %v, removed %d times", err, store.removed)
	}
	if _, err := r.RotateRoot(t.Context()); err != nil || store.removed != 2 {
		t.Fatalf("RotateRoot: %v, removed %d times", err, store.removed)
	}
	store.err = errors.New("permission denied")
	report, err := r.Rewrap(t.Context(), e.kek(t, "a"))
	wantError(t, err, store.err, "written, but")
	if report == nil {
		t.Error("no report although the rewrap was written")
	}
}

// previousStore counts how often it was told to let go of the previous generation.
type previousStore struct {
	*keystore.Memory
	removed  int
	err      error
	onRemove func(context.Context) error // nil: returns err, or does it
	onWrite  func()                      // after a write; nil: nothing
}

func (p *previousStore) Write(ctx context.Context, prev keystore.Digest, data []byte) error {
	if p.onWrite != nil {
		defer p.onWrite()
	}
	return p.Memory.Write(ctx, prev, data)
}

func (p *previousStore) RemovePrevious(ctx context.Context) error {
	p.removed++
	if p.onRemove != nil {
		return p.onRemove(ctx)
	}
	if p.err != nil {
		return p.err
	}
	return p.Memory.RemovePrevious(ctx)
}
