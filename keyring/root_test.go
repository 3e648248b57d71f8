package keyring

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/keystore"
)

func TestPayloadIsBoundToEveryField(t *testing.T) {
	p := payload{keystore.NewID(), keystore.NewID(), "officers", keystore.NewID(), 3}
	secret := bytes.Repeat([]byte{7}, rootSize)
	wrapped := p.append(secret)
	if len(wrapped) != 121 {
		t.Fatalf("payload has %d bytes, want 121", len(wrapped))
	}
	if got, err := p.parse(wrapped); err != nil || !bytes.Equal(got.Expose(), secret) {
		t.Fatalf("parse = %x, %v", got.Expose(), err)
	}
	for name, other := range map[string]payload{
		"keystore": {keystore.NewID(), p.root, p.group, p.split, p.share},
		"root":     {p.keystore, keystore.NewID(), p.group, p.split, p.share},
		"group":    {p.keystore, p.root, "officer", p.split, p.share},
		"split":    {p.keystore, p.root, p.group, keystore.ID{}, p.share},
		"share":    {p.keystore, p.root, p.group, p.split, 4},
	} {
		if _, err := other.parse(wrapped); err == nil || !strings.HasSuffix(err.Error(), "it is of another "+name) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	for n := range len(wrapped) {
		if _, err := p.parse(wrapped[:n]); err == nil {
			t.Errorf("parsed %d bytes", n)
		}
	}
	if _, err := p.parse(append(wrapped, 0)); err == nil {
		t.Error("parsed a byte too many")
	}
}

func TestFieldsHaveOneEncoding(t *testing.T) {
	list := rapid.SliceOfN(rapid.StringN(0, 4, -1), 0, 5)
	rapid.Check(t, func(t *rapid.T) {
		a, b := list.Draw(t, "a"), list.Draw(t, "b")
		same := len(a) == len(b)
		for i := 0; same && i < len(a); i++ {
			same = a[i] == b[i]
		}
		if bytes.Equal(appendFields(nil, a...), appendFields(nil, b...)) != same {
			t.Fatalf("%q and %q", a, b)
		}
	})
}

func TestRootCommitment(t *testing.T) {
	c := &keystore.Contents{ID: keystore.NewID(), Root: keystore.NewID()}
	raw := newRootBytes()
	_, c.Identity = createRoot(raw, c.ID, c.Root)
	if _, err := openRoot(raw, c); err != nil {
		t.Fatal(err)
	}
	if _, err := openRoot(newRootBytes(), c); err != errCommitment {
		t.Errorf("another root: %v", err)
	}
	for name, spoil := range map[string]func(*keystore.Contents){
		"keystore": func(c *keystore.Contents) { c.ID = keystore.NewID() },
		"root":     func(c *keystore.Contents) { c.Root = keystore.NewID() },
		"identity": func(c *keystore.Contents) { c.Identity.Public = bytes.Repeat([]byte{1}, 32) },
		"seed":     func(c *keystore.Contents) { c.Identity.SealedSeed = c.Identity.SealedSeed[1:] },
	} {
		other := *c
		spoil(&other)
		if _, err := openRoot(raw, &other); err != errCommitment {
			t.Errorf("another %s: %v", name, err)
		}
	}
}

func TestSubkeysDiffer(t *testing.T) {
	raw := newRootBytes()
	ks, id := keystore.NewID(), keystore.NewID()
	keys, sign := expand(raw, ks, id)
	msg := keys.Seal(nil, []byte("x"), nil)
	if _, err := keys.Open(nil, msg, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := sign.Open(nil, msg, nil); err == nil {
		t.Error("K_sign opens what K_keys sealed")
	}
}
