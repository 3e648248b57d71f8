package keyring_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// TestKeysTellTheirLife follows one key from its birth to its tombstone.
func TestKeysTellTheirLife(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	o := home()
	o.Clock, o.Signing.Algorithms = func() time.Time { return now }, []string{"EdDSA", "ES256"}
	r, err := keyring.Create(t.Context(), keystore.NewMemory(), keks(newEngine(t).kek(t, "a")), o)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	day := func(n int) time.Time { return time.Date(2026, 11, 22+n, 10, 0, 0, 0, time.UTC) }
	id, err := r.Prepublish(t.Context(), day(3).Add(900*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	want := keyring.KeyInfo{ID: id, State: keystore.Prepublished, Created: day(0), Activates: day(3), Suite: "XAES-256-GCM",
		Signing: []string{"EdDSA", "ES256"}}
	wantKey(t, r, want)

	now = day(1)
	if err := r.Activate(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	want.State, want.Activates, want.Activated = keystore.Active, time.Time{}, day(1)
	wantKey(t, r, want)
	msg := seal(t, r, "x")

	now = day(2)
	if err := r.MarkCompromised(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	want.State, want.Retired, want.Compromised = keystore.Retired, day(2), true
	wantKey(t, r, want)
	mustOpen(t, r, msg, "x")

	now = day(4)
	n := &keyring.Census{Keystore: r.ID(), Begun: day(3), Ended: day(4), Sources: []string{"dir:/a", "dir:/b"},
		Keys: map[keystore.ID]keyring.Count{id: {Messages: 1, Bytes: 58}}}
	if err := r.DestroyForced(t.Context(), id, n); err != nil {
		t.Fatal(err)
	}
	_, err = r.Open(nil, msg, here)
	wantError(t, err, keyring.ErrKeyDestroyed, id.String(), "active from 2026-11-23T10:00:00Z to 2026-11-24T10:00:00Z",
		"is marked compromised", "destroyed on 2026-11-26T10:00:00Z by force", "census of 2 sources, taken on 2026-11-25T10:00:00Z", "1 message of it, 58 bytes")
	want.State, want.Destroyed, want.Err = keystore.Destroyed, day(4), err
	want.Signing = nil
	want.Census = &keystore.Census{Taken: day(3), Sources: 2, Messages: 1, Bytes: 58, Forced: true}
	wantKey(t, r, want)

	// What Keys returns is the caller's.
	keys := r.Keys()
	*keys[1].Census = keystore.Census{}
	keys[1].State, keys[2].Signing[0] = keystore.Active, "none"
	if again := r.Keys()[2].Signing[0]; again != "EdDSA" {
		t.Errorf("the caller changed an algorithm to %q", again)
	}
	wantKey(t, r, want)
}

// wantKey compares one key with what the ring says of it.
func wantKey(t *testing.T, r *keyring.Ring, want keyring.KeyInfo) {
	t.Helper()
	keys := r.Keys()
	at := slices.IndexFunc(keys, func(k keyring.KeyInfo) bool { return k.ID == want.ID })
	if at < 0 || !reflect.DeepEqual(keys[at], want) {
		t.Errorf("got  %+v\nwant %+v", keys, want)
	}
}
