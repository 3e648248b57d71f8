package keyring_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

func TestSetLeaseRefuses(t *testing.T) {
	store, e := keystore.NewMemory(), newEngine(t)
	r := create(t, store, e.kek(t, "a"))
	for _, c := range []struct {
		d    time.Duration
		text string
	}{
		{-time.Second, "set the lease: -1s: a lease is a number of whole seconds"},
		{1500 * time.Millisecond, "set the lease: 1.5s: a lease is a number of whole seconds"},
		{keystore.MaxLease + time.Second, "8784h0m1s: a lease is a number of whole seconds, 8784h0m0s at most"},
	} {
		if err := r.SetLease(t.Context(), c.d); err == nil || !strings.Contains(err.Error(), c.text) {
			t.Errorf("got %v, want %q", err, c.text)
		}
	}
	o := home()
	o.ReadOnly = true
	wantError(t, load(t, store, o, e.kek(t, "a")).SetLease(t.Context(), time.Minute), keyring.ErrReadOnly, "keyring: set the lease: ")
	r.Close()
	wantError(t, r.SetLease(t.Context(), time.Minute), keyring.ErrClosed, "keyring: set the lease: ")
	if c := contents(t, store); c.Generation != 1 {
		t.Errorf("the store is at generation %d", c.Generation)
	}
}

func TestSetLease(t *testing.T) {
	store, e := keystore.NewMemory(), newEngine(t)
	r := create(t, store, e.kek(t, "a"))
	other := load(t, store, home(), e.kek(t, "a"))
	for _, c := range []struct {
		by         *keyring.Ring
		lease      time.Duration
		generation uint64
	}{
		{r, keystore.MaxLease, 2},
		{r, keystore.MaxLease, 2},     // as it is already
		{other, time.Minute, 3},       // which follows
		{r, keystore.MaxLease, 4},     // as this ring believes it to be still
		{other, keystore.MaxLease, 4}, // as this one does not know yet
		{r, 0, 5},
	} {
		if err := c.by.SetLease(t.Context(), c.lease); err != nil {
			t.Fatal(err)
		}
		if got := contents(t, store); got.Lease != c.lease || got.Generation != c.generation {
			t.Errorf("lease %v in generation %d, want %v in %d", got.Lease, got.Generation, c.lease, c.generation)
		}
	}
}

// TestALeaseBindsWhoHasReadIt, and nobody else: that is what Destroy has to wait for.
func TestALeaseBindsWhoHasReadIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, e := &counted{Memory: keystore.NewMemory()}, newEngine(t)
		o := home()
		o.RefreshInterval = 0
		r, err := keyring.Create(t.Context(), store, keks(e.kek(t, "a")), o)
		if err != nil {
			t.Fatal(err)
		}
		idle, deaf := load(t, store, home(), e.kek(t, "a")), load(t, store, home(), e.kek(t, "a"))
		if err := r.SetLease(t.Context(), 12*time.Second); err != nil {
			t.Fatal(err)
		}
		if err := idle.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 120 {
			time.Sleep(time.Second)
			seal(t, r, "its next look was 30 s away, and the lease wants one before")
		}
		_, err = idle.Seal(nil, nil, here)
		wantError(t, err, keyring.ErrStale)
		seal(t, deaf, "it has not heard of a lease")
		closeAll([]*keyring.Ring{r, idle, deaf})
	})
}
