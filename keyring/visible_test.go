package keyring_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// shared are the options of a ring that shares its keystore with two others.
func shared(interval time.Duration) *keyring.Options {
	o := home()
	o.Readers, o.RefreshInterval = 3, interval
	return o
}

// fleet is three rings of a new keystore, in processes of their own as it were, which look at the store at different times.
func fleet(t *testing.T, first, others *keyring.Options) (*counted, []*keyring.Ring) {
	t.Helper()
	store, e := &counted{Memory: keystore.NewMemory()}, newEngine(t)
	r, err := keyring.Create(t.Context(), store, keks(e.kek(t, "a")), first)
	if err != nil {
		t.Fatal(err)
	}
	rings := []*keyring.Ring{r}
	for range 2 {
		time.Sleep(7 * time.Second)
		rings = append(rings, load(t, store, others, e.kek(t, "a")))
	}
	return store, rings
}

func closeAll(rings []*keyring.Ring) {
	for _, r := range rings {
		r.Close()
	}
}

// exchange has each ring seal, and all of them open what it sealed, without looking at the store.
func exchange(t *testing.T, rings []*keyring.Ring) {
	t.Helper()
	for _, from := range rings {
		msg := seal(t, from, "x")
		for i, to := range rings {
			if _, err := to.Open(nil, msg, here); err != nil {
				t.Fatalf("ring %d at %v: %v", i, time.Now(), err)
			}
		}
	}
}

// stateOf returns the key's state as the store has it.
func stateOf(t testing.TB, store keystore.Store, id keystore.ID) keystore.State {
	t.Helper()
	k := contents(t, store).Find(id)
	if k == nil {
		return 0
	}
	return k.State
}

func TestNoReaderMeetsAKeyThatItCouldNotHaveSeen(t *testing.T) {
	for _, c := range []struct{ writer, readers, want time.Duration }{
		{0, 0, time.Minute}, // the default, 30 s
		{10 * time.Second, 10 * time.Second, 20 * time.Second},
		{-1, 0, time.Minute}, // a command, which looks once
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, rings := fleet(t, shared(c.writer), shared(c.readers))
				defer closeAll(rings)
				for range 5 {
					time.Sleep(11 * time.Second)
					began, done := time.Now(), make(chan error, 1)
					var took time.Duration
					go func() {
						_, err := rings[0].Rotate(context.Background())
						took = time.Since(began)
						done <- err
					}()
					for range 900 {
						time.Sleep(100 * time.Millisecond)
						exchange(t, rings)
					}
					if err := <-done; err != nil || took != c.want {
						t.Fatalf("Rotate took %v, want %v: %v", took, c.want, err)
					}
				}
				for _, r := range rings {
					if keys := r.Keys(); len(keys) != 6 || keys[5].State != keystore.Active {
						t.Errorf("a ring has %d keys, the last one is %v", len(keys), keys[len(keys)-1].State)
					}
				}
			})
		})
	}
}

// TestOneReaderIsNotWaitedFor is a test of the one above, too: at once, others meet unknown keys.
func TestOneReaderIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := shared(0)
		o.Readers = 1
		_, rings := fleet(t, o, shared(0))
		defer closeAll(rings)
		began := time.Now()
		if _, err := rings[0].Rotate(t.Context()); err != nil || !time.Now().Equal(began) {
			t.Errorf("it took %v, %v", time.Since(began), err)
		}
		_, err := rings[1].Open(nil, seal(t, rings[0], "x"), here)
		wantError(t, err, keyring.ErrUnknownKey)
	})
}

func TestARotationIsLeftPrepublished(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(r *keyring.Ring, store *counted, cancel context.CancelCauseFunc)
		want error
		wait time.Duration
	}{
		{"the caller gives up", func(_ *keyring.Ring, _ *counted, cancel context.CancelCauseFunc) { cancel(errStore) }, errStore, 10 * time.Second},
		{"the ring is closed", func(r *keyring.Ring, _ *counted, _ context.CancelCauseFunc) { r.Close() }, keyring.ErrClosed, 10 * time.Second},
		{"the store is away", func(_ *keyring.Ring, store *counted, _ context.CancelCauseFunc) { store.unwritable.Store(true) }, errStore, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, rings := fleet(t, shared(0), shared(0))
				defer closeAll(rings)
				began := time.Now().UTC()
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(10*time.Second, func() { c.end(rings[0], store, cancel) })
				id, err := rings[0].Rotate(ctx)
				if waited := time.Since(began); !id.IsZero() || waited != c.wait {
					t.Errorf("got key %v after %v", id, waited)
				}
				keys := contents(t, store).Keys
				left := keys[len(keys)-1]
				wantError(t, err, c.want, "keyring: rotate: key "+left.ID.String()+" is prepublished",
					left.Activates.Format(time.RFC3339), "keyring activate "+left.ID.String())
				// Late enough for the readers also by a clock that is a minute ahead.
				if left.State != keystore.Prepublished || left.Activates.Before(began.Add(2*time.Minute)) {
					t.Errorf("the key is %v, planned for %v, and it is %v", left.State, left.Activates, began)
				}
				store.unwritable.Store(false)
				time.Sleep(time.Minute)
				if err := rings[1].Activate(t.Context(), left.ID); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestARotationThatOthersFinish(t *testing.T) {
	for _, c := range []struct {
		name      string
		meanwhile func(r *keyring.Ring, id keystore.ID) error
		want      error
		text      string
	}{
		{"activated", func(r *keyring.Ring, id keystore.ID) error { return r.Activate(context.Background(), id) }, nil, ""},
		{"activated and superseded", func(r *keyring.Ring, id keystore.ID) error {
			if err := r.Activate(context.Background(), id); err != nil {
				return err
			}
			next, err := r.Prepublish(context.Background(), time.Time{})
			return errors.Join(err, r.Activate(context.Background(), next))
		}, nil, ""},
		{"activated, superseded and destroyed", func(r *keyring.Ring, id keystore.ID) error {
			err := r.Activate(context.Background(), id)
			return errors.Join(err, r.MarkCompromised(context.Background(), id), r.DestroyForced(context.Background(), id, nil))
		}, nil, ""},
		{"withdrawn", func(r *keyring.Ring, id keystore.ID) error { return r.Withdraw(context.Background(), id) },
			keyring.ErrState, "is retired: what was retired does not come back"},
		{"marked compromised", func(r *keyring.Ring, id keystore.ID) error { return r.MarkCompromised(context.Background(), id) },
			keyring.ErrState, "is retired: what was retired does not come back"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, rings := fleet(t, shared(0), shared(0))
				defer closeAll(rings)
				meanwhile := make(chan error, 1)
				time.AfterFunc(50*time.Second, func() {
					keys := rings[1].Keys()
					meanwhile <- c.meanwhile(rings[1], keys[len(keys)-1].ID)
				})
				id, err := rings[0].Rotate(t.Context())
				if err := <-meanwhile; err != nil {
					t.Fatal(err)
				}
				if c.want != nil {
					wantError(t, err, c.want, c.text)
					return
				}
				if err != nil || stateOf(t, store, id) < keystore.Active {
					t.Errorf("Rotate: key %v is %v, %v", id, stateOf(t, store, id), err)
				}
			})
		})
	}
}
