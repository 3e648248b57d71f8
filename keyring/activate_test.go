package keyring

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/aead"
	"github.com/sealwax/sealwax/keystore"
)

// TestActivateRefuses keys that could not seal, and says why; nothing is written.
func TestActivateRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(r *root, k *keystore.Key)
		want  error
		text  string
	}{
		{"compromised", func(_ *root, k *keystore.Key) { k.Compromised = true }, ErrState, "is marked compromised, and such a key seals nothing"},
		{"unknown suite", func(_ *root, k *keystore.Key) { k.Suite = 0x7f }, ErrKeyUnusable, "does not know suite 0x7f"},
		{"a suite that only opens", func(r *root, k *keystore.Key) {
			k.Suite = uint8(aead.AES256GCM)
			k.SealedDEK = r.keys.Seal(nil, make([]byte, dekSize), dekBinding(r, k))
		}, ErrKeyUnusable, "keys of suite AES-256-GCM only open"},
		{"a DEK that does not open", func(_ *root, k *keystore.Key) { k.Suite = uint8(aead.AES256GCM) }, ErrKeyUnusable, "does not open under the root"},
		{"withdrawn", func(_ *root, k *keystore.Key) { k.State, k.Retired = keystore.Retired, k.Created }, ErrState, "make a new key, with 'keyring rotate'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := localRing(t)
			id, err := r.Prepublish(t.Context(), time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			writeBeside(t, r, func(next *keystore.Contents, held *root) { c.spoil(held, next.Find(id)) })
			before := r.Seen().Generation
			err = r.Activate(t.Context(), id)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) || !strings.Contains(err.Error(), id.String()) ||
				strings.Count(err.Error(), "keyring: ") != 1 {
				t.Errorf("got %v, want %q", err, c.text)
			}
			if r.Seen().Generation != before {
				t.Error("something was written")
			}
		})
	}
}

// TestACompromisedActiveKeyDoesNotSeal, which no writer of ours leaves behind, and which a mark heals.
func TestACompromisedActiveKeyDoesNotSeal(t *testing.T) {
	r := localRing(t)
	where := Bind("test")
	msg, _ := r.Seal(nil, []byte("x"), where)
	id := r.state.Load().active.id
	writeBeside(t, r, func(next *keystore.Contents, _ *root) { next.Keys[0].Compromised = true })
	if _, err := r.Seal(nil, nil, where); !errors.Is(err, ErrNoActiveKey) {
		t.Errorf("Seal: %v", err)
	}
	if _, err := r.Open(nil, msg, where); err != nil {
		t.Errorf("Open: %v", err)
	}
	if err := r.MarkCompromised(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Seal(nil, nil, where); err != nil {
		t.Errorf("after the mark: %v", err)
	}
}

func TestPrepublishRefusesThePast(t *testing.T) {
	r := localRing(t)
	for _, c := range []struct {
		at   time.Time
		text string
	}{
		{time.Now().Add(-2 * time.Second), "and now is"},
		{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "9999"},
	} {
		_, err := r.Prepublish(t.Context(), c.at)
		if err == nil || !strings.Contains(err.Error(), c.text) || !strings.HasPrefix(err.Error(), "keyring: prepublish: ") {
			t.Errorf("at %v: %v", c.at, err)
		}
	}
	for _, err := range []error{r.Activate(t.Context(), r.ID()), r.Withdraw(t.Context(), r.ID()), r.MarkCompromised(t.Context(), r.ID()), r.Destroy(t.Context(), r.ID(), nil)} {
		if !errors.Is(err, ErrUnknownKey) || !strings.HasSuffix(err.Error(), ": unknown key "+r.ID().String()+": look with 'keyring list'") {
			t.Errorf("an unknown key: %v", err)
		}
	}
	if len(r.Keys()) != 1 {
		t.Error("something was written")
	}
}
