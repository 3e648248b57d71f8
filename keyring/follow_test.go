package keyring_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// counted counts what reaches the store.
type counted struct {
	*keystore.Memory
	reads, stamps atomic.Int64
	failure       atomic.Bool
	unwritable    atomic.Bool
}

var errStore = errors.New("store is away")

func (c *counted) Read(ctx context.Context) ([]byte, error) {
	c.reads.Add(1)
	if c.failure.Load() {
		return nil, errStore
	}
	return c.Memory.Read(ctx)
}

func (c *counted) Write(ctx context.Context, prev keystore.Digest, data []byte) error {
	if c.unwritable.Load() {
		return errStore
	}
	return c.Memory.Write(ctx, prev, data)
}

func (c *counted) Stamp(ctx context.Context) (string, error) {
	c.stamps.Add(1)
	if c.failure.Load() {
		return "", errStore
	}
	return c.Memory.Stamp(ctx)
}

func TestRingFollowsAnotherWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, e := &counted{Memory: keystore.NewMemory()}, newEngine(t)
		writer := create(t, store, e.kek(t, "a"))
		o := home()
		o.RefreshInterval = 0 // the default
		r := load(t, store, o, e.kek(t, "a"))

		reads, stamps := store.reads.Load(), store.stamps.Load()
		time.Sleep(10 * time.Minute)
		if got := store.reads.Load() - reads; got != 0 {
			t.Errorf("%d reads although nothing changed", got)
		}
		if got := store.stamps.Load() - stamps; got < 19 || got > 20 {
			t.Errorf("%d stats in ten minutes, want one in 30 s", got)
		}
		if _, err := writer.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30*time.Second + time.Millisecond)
		mustOpen(t, r, seal(t, writer, "x"), "x")
		r.Close()
		writer.Close()
	})
}

func TestUnknownKeysDoNotLoadTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, e := &counted{Memory: keystore.NewMemory()}, newEngine(t)
		r := create(t, store, e.kek(t, "a"))
		msg := seal(t, r, "x")
		copy(msg[1:17], make([]byte, 16))
		time.Sleep(time.Minute)
		stamps := store.stamps.Load()
		for range 1000 {
			if _, err := r.Open(nil, msg, here); !errors.Is(err, keyring.ErrUnknownKey) {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		if got := store.stamps.Load() - stamps; got > 11 {
			t.Errorf("%d looks at the store in ten seconds of unknown keys, want at most one a second", got)
		}
		r.Close()
	})
}

// TestTokensMakeTheRingLook: a token of a key that the ring does not know, or not as active, is news of another process.
func TestTokensMakeTheRingLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, e := &counted{Memory: keystore.NewMemory()}, newEngine(t)
		o := home()
		o.Signing.Algorithms = []string{"EdDSA"}
		writer, err := keyring.Create(t.Context(), store, []*wrappers.KEK{e.kek(t, "a")}, o)
		if err != nil {
			t.Fatal(err)
		}
		r := load(t, store, home(), e.kek(t, "a"))
		first := writer.Keys()[0].ID
		next, err := writer.Prepublish(t.Context(), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		for _, state := range []keystore.State{keystore.Prepublished, keystore.Active} {
			time.Sleep(2 * time.Second) // the look of the last question is over
			if state == keystore.Active {
				if err := writer.Activate(t.Context(), next); err != nil {
					t.Fatal(err)
				}
			}
			stamps := store.stamps.Load()
			r.VerificationKey(first.String())
			synctest.Wait()
			if store.stamps.Load() != stamps {
				t.Error("a token of a key that the ring knows makes it look at its store")
			}
			if v, _ := r.VerificationKey(next.String()); v.State == state {
				t.Errorf("the ring knows that the key is %s without having looked", state)
			}
			synctest.Wait()
			if v, ok := r.VerificationKey(next.String()); !ok || v.State != state {
				t.Errorf("after a look the key is %s, %v, want %s", v.State, ok, state)
			}
		}
		r.Close()
		writer.Close()
	})
}

func TestOpenContextWaitsForTheKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, e := &counted{Memory: keystore.NewMemory()}, newEngine(t)
		writer := create(t, store, e.kek(t, "a"))
		r := load(t, store, home(), e.kek(t, "a"))
		for range 3 {
			if _, err := writer.Rotate(t.Context()); err != nil {
				t.Fatal(err)
			}
			msg := seal(t, writer, "x")
			if _, err := r.Open(nil, msg, here); !errors.Is(err, keyring.ErrUnknownKey) {
				t.Fatal(err)
			}
			if got, err := r.OpenContext(t.Context(), nil, msg, here); err != nil || string(got) != "x" {
				t.Fatalf("OpenContext = %q, %v", got, err)
			}
		}

		unknown := seal(t, writer, "x")
		copy(unknown[1:17], make([]byte, 16))
		_, err := r.OpenContext(t.Context(), nil, unknown, here)
		wantError(t, err, keyring.ErrUnknownKey)

		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err = r.OpenContext(ctx, nil, unknown, here)
		wantError(t, err, context.DeadlineExceeded)

		store.failure.Store(true)
		time.Sleep(time.Minute)
		_, err = r.OpenContext(t.Context(), nil, unknown, here)
		wantError(t, err, errStore)
		r.Close()
		writer.Close()
	})
}

func TestLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, e := &counted{Memory: keystore.NewMemory()}, newEngine(t)
		o := home()
		o.Lease = 2 * time.Minute
		o.RefreshInterval = 30 * time.Second
		r, err := keyring.Create(t.Context(), store, keks(e.kek(t, "a")), o)
		if err != nil {
			t.Fatal(err)
		}
		msg := seal(t, r, "x")
		time.Sleep(time.Hour)
		seal(t, r, "the store answers, so the lease goes on")

		store.failure.Store(true)
		time.Sleep(89 * time.Second)
		seal(t, r, "the lease has not run out")
		time.Sleep(2 * time.Minute)
		_, err = r.Seal(nil, nil, here)
		wantError(t, err, keyring.ErrStale, "lease")
		mustOpen(t, r, msg, "x")

		store.failure.Store(false)
		time.Sleep(31 * time.Second)
		seal(t, r, "the store is back")
		r.Close()

		// A lease that is shorter than the interval makes the ring look more often.
		o = home()
		o.Lease, o.RefreshInterval = 10*time.Second, 0
		short := load(t, store, o, e.kek(t, "a"))
		for range 300 {
			time.Sleep(time.Second)
			seal(t, short, "x")
		}
		short.Close()

		// The lease in the keystore binds a ring that has none of its own, or a longer one.
		for _, own := range []time.Duration{0, time.Hour} {
			o := home()
			o.Lease = own
			r := load(t, store, o, e.kek(t, "a"))
			time.Sleep(2*time.Minute + time.Second)
			_, err := r.Seal(nil, nil, here)
			wantError(t, err, keyring.ErrStale)
			_, err = r.ActiveKey()
			wantError(t, err, keyring.ErrStale)
			if err := r.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			seal(t, r, "x")
			r.Close()
		}
	})
}
