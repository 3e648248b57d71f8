package keyring_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

func TestRotateLeavesExactlyOneActiveKey(t *testing.T) {
	r := create(t, keystore.NewMemory(), newEngine(t).kek(t, "a"))
	for range 3 {
		id, err := r.Rotate(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		keys := r.Keys()
		for i, k := range keys {
			want := keystore.Retired
			if i == len(keys)-1 {
				want = keystore.Active
			}
			if k.State != want || k.Err != nil {
				t.Errorf("key %d is %v, %v; want %v", i, k.State, k.Err, want)
			}
		}
		if last := keys[len(keys)-1]; last.ID != id || last.Suite != "XAES-256-GCM" || last.Created.IsZero() || last.Activated.IsZero() {
			t.Errorf("new key is %+v, Rotate returned %s", last, id)
		}
	}
}

func TestRotateNeedsAKEKThatCanUnwrap(t *testing.T) {
	store, e := keystore.NewMemory(), newEngine(t)
	create(t, store, e.kek(t, "a"))
	before, _ := store.Read(t.Context())
	r := load(t, store, home(), e.kek(t, "a", inactive))
	_, err := r.Rotate(t.Context())
	wantError(t, err, keyring.ErrNoKEK, "keyring rewrap")
	if after, _ := store.Read(t.Context()); keystore.DigestOf(after) != keystore.DigestOf(before) {
		t.Error("the refused rotation wrote")
	}
}

func TestTwoWritersBothRotate(t *testing.T) {
	store, e := keystore.NewMemory(), newEngine(t)
	a := create(t, store, e.kek(t, "a"))
	b := load(t, store, home(), e.kek(t, "a"))
	var all sync.WaitGroup
	for _, r := range []*keyring.Ring{a, b} {
		all.Go(func() {
			for range 20 {
				// A writer that loses twice in a row gives up with a conflict. Then nothing of it was written.
				if _, err := r.Rotate(context.Background()); err != nil && !errors.Is(err, keystore.ErrConflict) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	c, _, err := keystore.Fetch(t.Context(), store, nil)
	if err != nil {
		t.Fatal(err)
	}
	if int(c.Generation) != len(c.Keys) {
		t.Errorf("generation %d with %d keys: a write was lost", c.Generation, len(c.Keys))
	}
}

func TestConflictIsRetriedOnce(t *testing.T) {
	store, e := keystore.NewMemory(), newEngine(t)
	a := create(t, store, e.kek(t, "a"))
	b := load(t, store, home(), e.kek(t, "a"))
	if _, err := a.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Rotate(t.Context()); err != nil {
		t.Fatalf("rotation after another's: %v", err)
	}
	if got := len(b.Keys()); got != 3 {
		t.Errorf("%d keys, want 3: the other writer's key is missing", got)
	}
}

// faulty is a store whose next Write and Reads go wrong as told.
type faulty struct {
	*keystore.Memory
	write    func(real func() error) error // instead of the next Write
	readErrs []error                       // of the next Reads
}

func (f *faulty) Write(ctx context.Context, prev keystore.Digest, data []byte) error {
	real := func() error { return f.Memory.Write(ctx, prev, data) }
	if w := f.write; w != nil {
		f.write = nil
		return w(real)
	}
	return real()
}

func (f *faulty) Read(ctx context.Context) ([]byte, error) {
	if len(f.readErrs) > 0 {
		err := f.readErrs[0]
		f.readErrs = f.readErrs[1:]
		return nil, err
	}
	return f.Memory.Read(ctx)
}

func TestUnknownOutcomeIsSettled(t *testing.T) {
	io := errors.New("input/output error")
	for _, c := range []struct {
		name  string
		write func(real func() error) error
		reads []error
		want  error // of Rotate
		keys  int   // in the ring afterwards
		later int   // and after the next refresh
	}{
		{"it was written", func(real func() error) error { real(); return keystore.ErrOutcomeUnknown }, nil, nil, 2, 2},
		{"it was not written", func(func() error) error { return keystore.ErrOutcomeUnknown }, nil, errNotSaid, 1, 1},
		{"it was written and cannot be read back", func(real func() error) error { real(); return keystore.ErrOutcomeUnknown }, []error{io}, keystore.ErrOutcomeUnknown, 1, 2},
		{"it was not written and cannot be read back", func(func() error) error { return keystore.ErrOutcomeUnknown }, []error{io}, keystore.ErrOutcomeUnknown, 1, 1},
		{"success is reported, and nothing written", func(func() error) error { return nil }, nil, errNotSaid, 1, 1},
		{"it failed", func(func() error) error { return io }, nil, io, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			store, e := &faulty{Memory: keystore.NewMemory()}, newEngine(t)
			r := create(t, store, e.kek(t, "a"))
			store.write, store.readErrs = c.write, c.reads
			_, err := r.Rotate(t.Context())
			if c.want == errNotSaid && err == nil || c.want != errNotSaid && !errors.Is(err, c.want) {
				t.Errorf("Rotate: %v, want %v", err, c.want)
			}
			if got := len(r.Keys()); got != c.keys {
				t.Errorf("the ring holds %d keys, want %d", got, c.keys)
			}
			msg := seal(t, r, "x")
			if err := r.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := len(r.Keys()); got != c.later {
				t.Errorf("after a refresh the ring holds %d keys, want %d", got, c.later)
			}
			mustOpen(t, load(t, store, home(), e.kek(t, "a")), msg, "x")
		})
	}
}

var errNotSaid = errors.New("any error")

func TestCreateRefuses(t *testing.T) {
	e, down, public := newEngine(t), newEngine(t), newEngine(t)
	down.fail(wrappers.Later)
	public.wrapOnly = true
	taken := keystore.NewMemory()
	create(t, taken, e.kek(t, "a"))
	calls := e.encrypts.Load()
	for _, c := range []struct {
		name  string
		store keystore.Store
		keks  []*wrappers.KEK
		want  error
		text  string
	}{
		{"a store that holds one", taken, []*wrappers.KEK{e.kek(t, "a")}, keyring.ErrExists, "already is a keystore"},
		{"no KEK", keystore.NewMemory(), nil, keyring.ErrNoKEK, "no KEK is active"},
		{"no active KEK", keystore.NewMemory(), []*wrappers.KEK{e.kek(t, "a", inactive)}, keyring.ErrNoKEK, "no KEK is active"},
		{"only a KEK that is down", keystore.NewMemory(), []*wrappers.KEK{down.kek(t, "down")}, keyring.ErrNoKEK, "test.down"},
		{"only recovery recipients", keystore.NewMemory(), []*wrappers.KEK{public.kek(t, "public")}, keyring.ErrNoKEK, "only recovery recipients"},
		{"a recovery recipient and one that is down", keystore.NewMemory(), []*wrappers.KEK{public.kek(t, "public"), down.kek(t, "down")}, keyring.ErrNoKEK, "test.down"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := keyring.Create(t.Context(), c.store, c.keks, home())
			wantError(t, err, c.want, c.text)
			if c.store != taken {
				if _, err := c.store.Read(t.Context()); !errors.Is(err, keystore.ErrNotFound) {
					t.Errorf("after a refused Create the store holds something: %v", err)
				}
			}
		})
	}
	if e.encrypts.Load() != calls {
		t.Error("a KEK was called for a keystore that could not be created")
	}
	for _, o := range []*keyring.Options{nil, {Cluster: "prod"}, {Region: "emea"}} {
		if _, err := keyring.Create(t.Context(), keystore.NewMemory(), []*wrappers.KEK{e.kek(t, "a")}, o); err == nil {
			t.Error("created without cluster or region")
		}
	}
}
