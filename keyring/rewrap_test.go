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
	onRemove func(context.Context) error // nil: returns err
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
	return p.err
}
