package keyring_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// TestRefreshed holds that a ring never says that it knows more than it does: neither what was written after it looked,
// nor what it could not read.
func TestRefreshed(t *testing.T) {
	store, e := &faulty{Memory: keystore.NewMemory()}, newEngine(t)
	synctest.Test(t, func(t *testing.T) {
		other := create(t, store, e.kek(t, "a"))
		r := load(t, store, home(), e.kek(t, "a"))
		loaded := time.Now()
		want := func(when string, at time.Time) {
			t.Helper()
			if got := r.Refreshed(); !got.Equal(at) {
				t.Errorf("%s: refreshed at %v, want %v", when, got, at)
			}
		}
		want("loaded", loaded)
		time.Sleep(time.Hour)
		if _, err := other.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		want("another ring has written", loaded)
		store.readErrs = []error{errors.New("input/output error")}
		if err := r.Refresh(t.Context()); err == nil {
			t.Fatal("refreshed from a store that cannot be read")
		}
		want("the store could not be read", loaded)
		refreshed := time.Now()
		if err := r.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		want("refreshed", refreshed)
		time.Sleep(time.Hour)
		if err := r.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		want("nothing has changed", refreshed.Add(time.Hour))
		time.Sleep(time.Hour)
		store.write = func(real func() error) error { time.Sleep(time.Minute); return real() }
		if _, err := r.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		want("its own write took a minute", refreshed.Add(2*time.Hour))
		r.Close()
		want("closed", time.Time{})
	})
}
