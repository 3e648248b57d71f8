package keyring

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/aead"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

// keysGoneWrong are keys that a valid signature covers and that cannot be used all the same: what a newer program, or
// one with a bug, may leave behind.
var keysGoneWrong = []struct {
	name  string
	spoil func(r *root, k *keystore.Key)
	cause error
	text  string
}{
	{"unknown suite", func(_ *root, k *keystore.Key) { k.Suite = 0x7f }, ErrKeyUnusable, "suite 0x7f"},
	{"legacy suite", func(_ *root, k *keystore.Key) { k.Suite = 0x80 }, ErrKeyUnusable, "suite 0x80"},
	{"DEK of another key", func(r *root, k *keystore.Key) {
		other := newKey(r, time.Time{}, nil)
		k.SealedDEK = other.SealedDEK
	}, ErrKeyUnusable, "does not open under the root"},
	{"suite exchanged", func(_ *root, k *keystore.Key) { k.Suite = uint8(aead.AES256GCM) }, ErrKeyUnusable, "does not open under the root"},
	{"short DEK", func(r *root, k *keystore.Key) {
		k.SealedDEK = r.keys.Seal(nil, make([]byte, 16), dekBinding(r, k))
	}, ErrKeyUnusable, "16 bytes instead of 32"},
	{"destroyed", func(_ *root, k *keystore.Key) {
		*k = keystore.Key{ID: k.ID, State: keystore.Destroyed, Created: k.Created, Activated: k.Activated, Retired: k.Retired,
			Destroyed: k.Retired, Suite: k.Suite, Census: &keystore.Census{Taken: k.Retired, Sources: 1}}
	}, ErrKeyDestroyed, "destroyed"},
}

func TestOneUnusableKeyLeavesTheOthers(t *testing.T) {
	for _, c := range keysGoneWrong {
		t.Run(c.name, func(t *testing.T) {
			r := localRing(t)
			where := Bind("test")
			lost, _ := r.Seal(nil, []byte("lost"), where)
			rotate(t, r)
			kept, _ := r.Seal(nil, []byte("kept"), where)
			_, err := r.commit(t.Context(), func(next *keystore.Contents, held *root) (*root, error) {
				c.spoil(held, &next.Keys[0])
				return held, nil
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			again := reload(t, r)
			for _, ring := range []*Ring{r, again} {
				keys := ring.Keys()
				if !errors.Is(keys[0].Err, c.cause) || !strings.Contains(keys[0].Err.Error(), c.text) || !strings.Contains(keys[0].Err.Error(), keys[0].ID.String()) {
					t.Errorf("listed with cause %v, want %q and the key's ID", keys[0].Err, c.text)
				}
				if _, err := ring.Open(nil, lost, where); !errors.Is(err, c.cause) {
					t.Errorf("opening its message: %v, want %v", err, c.cause)
				}
				if got, err := ring.Open(nil, kept, where); err != nil || string(got) != "kept" || keys[1].Err != nil {
					t.Errorf("the other key: %q, %v, %v", got, err, keys[1].Err)
				}
			}
			report, err := again.Verify(t.Context())
			if err != nil || report.OK() != (c.cause == ErrKeyDestroyed) {
				t.Errorf("Verify: OK %v, %v", report.OK(), err)
			}
			rotate(t, again)
			if _, err := again.RotateRoot(t.Context()); err != nil {
				t.Fatalf("new root beside an unusable key: %v", err)
			}
			if got := again.Keys()[0]; !errors.Is(got.Err, c.cause) {
				t.Errorf("under the new root it is listed with %v", got.Err)
			}
		})
	}
}

func TestUnusableActiveKey(t *testing.T) {
	r := localRing(t)
	where := Bind("test")
	msg, _ := r.Seal(nil, []byte("x"), where)
	writeBeside(t, r, func(c *keystore.Contents, _ *root) { c.Keys[0].Suite = 0x7f })
	if _, err := r.Seal(nil, nil, where); !errors.Is(err, ErrNoActiveKey) || !strings.Contains(err.Error(), "keyring rotate") {
		t.Errorf("Seal: %v", err)
	}
	if _, err := r.Open(nil, msg, where); !errors.Is(err, ErrKeyUnusable) {
		t.Errorf("Open: %v", err)
	}
	rotate(t, r)
	if _, err := r.Seal(nil, nil, where); err != nil {
		t.Errorf("after a rotation: %v", err)
	}
}

// writeBeside writes what the ring itself would refuse to write, as another version may, and has the ring take it over.
func writeBeside(t *testing.T, r *Ring, change func(c *keystore.Contents, held *root)) {
	t.Helper()
	if err := r.writeBeside(t.Context(), change); err != nil {
		t.Fatal(err)
	}
}

func TestNothingUnusableIsEverWritten(t *testing.T) {
	r := localRing(t)
	before := r.Seen()
	_, err := r.commit(t.Context(), func(next *keystore.Contents, held *root) (*root, error) {
		next.Keys[0].Suite = 0x7f
		return held, nil
	}, nil)
	if !errors.Is(err, ErrNoActiveKey) || r.Seen().Digest != before.Digest {
		t.Errorf("commit: %v", err)
	}
}

func TestAnotherIdentityUnderTheSameRootIsRefused(t *testing.T) {
	r := localRing(t)
	s := r.state.Load()
	next := s.contents.Next(s.digest)
	raw := newRootBytes()
	other, identity := createRoot(raw, next.ID, next.Root)
	next.Handover = &keystore.Handover{Previous: s.contents.Identity.Public,
		Signature: s.root.identity.sign(keystore.HandoverMessage(next.ID, s.contents.Identity.Public, identity.Public))}
	next.Identity = identity
	data, err := keystore.Append(nil, next, other.identity.sign)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.store.Write(t.Context(), s.digest, data); err != nil {
		t.Fatal(err)
	}
	if err := r.Refresh(t.Context()); !errors.Is(err, keystore.ErrForeign) {
		t.Errorf("Refresh: %v", err)
	}
}

var localKey = []byte("0123456789abcdef0123456789abcdef")

func localKEK(t testing.TB) *wrappers.KEK {
	t.Helper()
	return newLocalKEK(t, nil)
}

func newLocalKEK(t testing.TB, o *wrappers.Options) *wrappers.KEK {
	t.Helper()
	w, err := local.New(localKey)
	if err != nil {
		t.Fatal(err)
	}
	k, err := wrappers.New(w, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

func localRing(t testing.TB) *Ring {
	t.Helper()
	r, err := Create(context.Background(), keystore.NewMemory(), []*wrappers.KEK{localKEK(t)}, &Options{Cluster: "c", Region: "r", RefreshInterval: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func reload(t testing.TB, r *Ring) *Ring {
	t.Helper()
	again, err := Load(context.Background(), r.store, []*wrappers.KEK{localKEK(t)}, &Options{RefreshInterval: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { again.Close() })
	return again
}

func rotate(t testing.TB, r *Ring) {
	t.Helper()
	if _, err := r.Rotate(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestAES256GCMOnlyOpens(t *testing.T) {
	r := localRing(t)
	where := Bind("test")
	var msg []byte
	// A later version, which counts messages, may leave such a key behind as the active one.
	writeBeside(t, r, func(c *keystore.Contents, held *root) {
		k := &c.Keys[0]
		k.Suite = uint8(aead.AES256GCM)
		k.SealedDEK = held.keys.Seal(nil, bytes.Repeat([]byte{1}, dekSize), dekBinding(held, k))
		msg = openKey(held, k).aead.Seal(nil, []byte("x"), where.encoded)
	})
	if got, err := r.Open(nil, msg, where); err != nil || string(got) != "x" {
		t.Errorf("Open = %q, %v", got, err)
	}
	if _, err := r.Seal(nil, nil, where); !errors.Is(err, ErrNoActiveKey) {
		t.Errorf("Seal: %v", err)
	}
	rotate(t, r)
	if _, err := r.Seal(nil, nil, where); err != nil {
		t.Errorf("after a rotation: %v", err)
	}
}

// TestGroupsThatARingWasNotToldOf: a rotation leaves them alone, a rewrap without them drops them and says so.
func TestGroupsThatARingWasNotToldOf(t *testing.T) {
	r := localRing(t)
	split := keystore.NewID()
	edit(t, r, func(c *keystore.Contents, _ *root) {
		c.Groups = append(c.Groups, keystore.Group{Name: "officers", Threshold: 2, Split: split})
		for i, name := range []string{"x", "y"} {
			c.Stanzas = append(c.Stanzas, keystore.Stanza{KEK: "passphrase." + name, Provider: "passphrase", Group: "officers",
				Split: split, Share: i + 1, Scheme: "argon2id-xaes/1", Wrapped: []byte("share")})
		}
	})
	rotate(t, r)
	again := reload(t, r)
	if got := len(again.state.Load().contents.Stanzas); got != 3 {
		t.Errorf("%d stanzas, want 3", got)
	}
	report, err := again.Rewrap(t.Context(), localKEK(t))
	if err != nil || len(report.Dropped) != 2 || len(again.state.Load().contents.Groups) != 1 {
		t.Errorf("%+v, %v", report, err)
	}
}
