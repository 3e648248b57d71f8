package keyring_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// loadErr loads the keystore and returns the error.
func loadErr(t *testing.T, store keystore.Store, o *keyring.Options, keks ...*wrappers.KEK) error {
	t.Helper()
	r, err := keyring.Load(context.Background(), store, keks, o)
	if err == nil {
		r.Close()
		t.Fatal("loaded")
	}
	return err
}

func TestLoadRefusesForeignKeystores(t *testing.T) {
	store, e := keystore.NewMemory(), newEngine(t)
	r := create(t, store, e.kek(t, "a"))
	before := e.decrypts.Load()
	for _, c := range []struct {
		name   string
		change func(*keyring.Options)
		texts  []string
	}{
		{"region", func(o *keyring.Options) { o.Region = "apac" }, []string{"apac", "emea"}},
		{"cluster", func(o *keyring.Options) { o.Cluster = "test" }, []string{"test", "prod"}},
		{"identity", func(o *keyring.Options) { o.Identity = make(ed25519.PublicKey, 32) }, []string{"identity"}},
		{"keystore", func(o *keyring.Options) { o.Seen.ID = keystore.NewID() }, []string{r.ID().String()}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := home()
			c.change(o)
			wantError(t, loadErr(t, store, o, e.kek(t, "a")), keystore.ErrForeign, c.texts...)
		})
	}
	if e.decrypts.Load() != before {
		t.Error("a KEK was asked about a foreign keystore")
	}
}

func TestLoadDetectsRollback(t *testing.T) {
	store, e := keystore.NewMemory(), newEngine(t)
	r := create(t, store, e.kek(t, "a"))
	old, _ := store.Read(t.Context())
	if _, err := r.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	o := home()
	o.Seen = r.Seen()
	load(t, store, o, e.kek(t, "a"))
	current, _ := store.Read(t.Context())
	if err := store.Write(t.Context(), keystore.DigestOf(current), old); err != nil {
		t.Fatal(err)
	}
	wantError(t, loadErr(t, store, o, e.kek(t, "a")), keystore.ErrRolledBack, "generation 1", "2")
	wantError(t, r.Refresh(t.Context()), keystore.ErrRolledBack)

	// A second life of generation 1 is a fork for who saw the first.
	fork := load(t, store, home(), e.kek(t, "a"))
	if _, err := fork.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantError(t, loadErr(t, store, o, e.kek(t, "a")), keystore.ErrForked)
	wantError(t, r.Refresh(t.Context()), keystore.ErrForked)
}

func TestLoadCostsOneUnwrap(t *testing.T) {
	store, e := keystore.NewMemory(), newEngine(t)
	o := home()
	o.Signing.Algorithms = []string{"EdDSA"}
	r, err := keyring.Create(t.Context(), store, keks(e.kek(t, "a")), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	var msgs [][]byte
	for range 50 {
		msgs = append(msgs, seal(t, r, "x"))
		if _, err := r.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	encrypts, decrypts := e.encrypts.Load(), e.decrypts.Load()
	again := load(t, store, home(), e.kek(t, "a"))
	if _, err := again.Signer(); err != nil {
		t.Error(err)
	}
	if got := e.decrypts.Load() - decrypts; got != 1 {
		t.Errorf("Load with %d keys made %d unwraps, want 1", len(again.Keys()), got)
	}
	for _, m := range msgs {
		mustOpen(t, again, m, "x")
	}
	if _, err := r.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := again.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, again, seal(t, r, "y"), "y")
	if e.decrypts.Load()-decrypts != 1 || e.encrypts.Load() != encrypts {
		t.Error("an open ring called its KEK to open, rotate or refresh")
	}
}

func TestLoadWithoutFittingKEK(t *testing.T) {
	store, e := keystore.NewMemory(), newEngine(t)
	create(t, store, e.kek(t, "a"))
	wantError(t, loadErr(t, store, home(), e.kek(t, "b")), keyring.ErrNoKEK, "[test.a]", "[test.b]")
	wantError(t, loadErr(t, store, home()), keyring.ErrNoKEK, "[]")
	wantError(t, loadErr(t, keystore.NewMemory(), home(), e.kek(t, "a")), keystore.ErrNotFound)
}

func TestLoadPassesOverABadKEK(t *testing.T) {
	store, a, b := keystore.NewMemory(), newEngine(t), newEngine(t)
	r := create(t, store, a.kek(t, "a"), b.kek(t, "b"))
	msg := seal(t, r, "x")
	for _, class := range []wrappers.Class{wrappers.Never, wrappers.Later, wrappers.Ask} {
		a.fail(class)
		mustOpen(t, load(t, store, home(), a.kek(t, "a"), b.kek(t, "b")), msg, "x")
	}
	b.fail(wrappers.Later)
	err := loadErr(t, store, home(), a.kek(t, "a"), b.kek(t, "b"))
	for _, text := range []string{"test.a", "test.b", r.ID().String()} {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q does not name %s", err, text)
		}
	}
}

func TestAWrongButFastKEKCannotDenyAStart(t *testing.T) {
	store, a, b := keystore.NewMemory(), newEngine(t), newEngine(t)
	r := create(t, store, a.kek(t, "a"), b.kek(t, "b"))
	msg := seal(t, r, "x")
	other := keystore.NewMemory()
	create(t, other, a.kek(t, "a"))
	foreign := unwrapped(t, other, a)
	flipped := unwrapped(t, store, a)
	flipped[len(flipped)-1] ^= 1
	for name, answer := range map[string][]byte{
		"the root of another keystore": foreign,
		"another root":                 flipped,
		"too short":                    flipped[:100],
		"nonsense":                     []byte("hello"),
	} {
		t.Run(name, func(t *testing.T) {
			a.answer.Store(&answer)
			mustOpen(t, load(t, store, home(), a.kek(t, "a"), b.kek(t, "b")), msg, "x")
			err := loadErr(t, store, home(), a.kek(t, "a"))
			if !strings.Contains(err.Error(), "test.a") || wrappers.ClassOf(err) != wrappers.Never {
				t.Errorf("error %q is of class %v and should name test.a, never", err, wrappers.ClassOf(err))
			}
		})
	}
}

// unwrapped returns what the engine unwraps out of the first stanza in store.
func unwrapped(t *testing.T, store keystore.Store, e *engine) []byte {
	t.Helper()
	c, _, err := keystore.Fetch(t.Context(), store, nil)
	if err != nil {
		t.Fatal(err)
	}
	st := c.Stanzas[0]
	plaintext, err := e.kek(t, "a").Unwrap(t.Context(), &wrappers.Wrapped{Scheme: st.Scheme, KeyID: st.KeyID, Blob: st.Wrapped}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return plaintext
}

func TestPinRequired(t *testing.T) {
	store, e, public := keystore.NewMemory(), newEngine(t), newEngine(t)
	public.pinned = true
	r := create(t, store, e.kek(t, "a"), public.kek(t, "public"))
	wantError(t, loadErr(t, store, home(), public.kek(t, "public")), keyring.ErrPinRequired, "test.public")
	e.fail(wrappers.Later) // for which it is worth to try again, and a pin would be another way
	err := loadErr(t, store, home(), e.kek(t, "a"), public.kek(t, "public"))
	if text := "\nidentity must be pinned: anybody can encrypt under test.public"; wrappers.ClassOf(err) != wrappers.Later || errors.Is(err, keyring.ErrPinRequired) ||
		!strings.Contains(err.Error(), text) || !strings.Contains(err.Error(), "engine is later") {
		t.Errorf("error %v, want class Later and %q", err, text)
	}
	o := home()
	o.Identity = r.Seen().Identity
	load(t, store, o, public.kek(t, "public"))
}

func TestLoadWithoutPinSaysSo(t *testing.T) {
	store, e := keystore.NewMemory(), newEngine(t)
	r := create(t, store, e.kek(t, "a"))
	for _, pinned := range []bool{false, true} {
		var log bytes.Buffer
		o := home()
		o.Logger = slog.New(slog.NewTextHandler(&log, nil))
		if pinned {
			o.Identity = r.Seen().Identity
		}
		load(t, store, o, e.kek(t, "a"))
		if got := strings.Contains(log.String(), "no identity is pinned"); got == pinned {
			t.Errorf("pinned %v: log says %q", pinned, log.String())
		}
	}
}

func TestReadOnlyRing(t *testing.T) {
	store, e := keystore.NewMemory(), newEngine(t)
	r := create(t, store, e.kek(t, "a"))
	o := home()
	o.ReadOnly = true
	reader := load(t, store, o, e.kek(t, "a"))
	mustOpen(t, r, seal(t, reader, "x"), "x")
	_, rotateErr := reader.Rotate(t.Context())
	_, rewrapErr := reader.Rewrap(t.Context(), e.kek(t, "a"))
	_, rootErr := reader.RotateRoot(t.Context())
	_, createErr := keyring.Create(t.Context(), keystore.NewMemory(), []*wrappers.KEK{e.kek(t, "a")}, o)
	for _, err := range []error{rotateErr, rewrapErr, rootErr, createErr} {
		wantError(t, err, keyring.ErrReadOnly)
	}
	// It follows a rotation without its KEK.
	e.fail(wrappers.Later)
	if _, err := r.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := reader.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, reader, seal(t, r, "y"), "y")
}
