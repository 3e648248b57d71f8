package keyring_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

var here = keyring.Bind("variable", "global", "default", "app/db")

// home is where the rings of these tests live.
func home() *keyring.Options {
	return &keyring.Options{Cluster: "prod", Region: "emea", RefreshInterval: -1}
}

func create(t testing.TB, store keystore.Store, keks ...*wrappers.KEK) *keyring.Ring {
	t.Helper()
	r, err := keyring.Create(context.Background(), store, keks, home())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// keks spells out a set of KEKs.
func keks(k ...*wrappers.KEK) []*wrappers.KEK { return k }

func load(t testing.TB, store keystore.Store, o *keyring.Options, keks ...*wrappers.KEK) *keyring.Ring {
	t.Helper()
	r, err := keyring.Load(context.Background(), store, keks, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func seal(t testing.TB, r *keyring.Ring, plaintext string) []byte {
	t.Helper()
	msg, err := r.Seal(nil, []byte(plaintext), here)
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

func mustOpen(t testing.TB, r *keyring.Ring, msg []byte, want string) {
	t.Helper()
	got, err := r.Open(nil, msg, here)
	if err != nil || string(got) != want {
		t.Fatalf("Open = %q, %v; want %q", got, err, want)
	}
}

// wantError fails unless err is target and says all of texts.
func wantError(t testing.TB, err, target error, texts ...string) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Fatalf("error is %v, want %v", err, target)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q does not say %q", err, text)
		}
	}
}

func TestMessagesOutliveTheRing(t *testing.T) {
	store, e := keystore.NewMemory(), newEngine(t)
	r := create(t, store, e.kek(t, "a"))
	first := seal(t, r, "one")
	if _, err := r.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := seal(t, r, "two")
	r.Close()

	again := load(t, store, home(), e.kek(t, "a"))
	mustOpen(t, again, first, "one")
	mustOpen(t, again, second, "two")
	if bytes.Equal(first[1:17], second[1:17]) {
		t.Error("both messages are under one key although it was rotated")
	}
}

func TestSealProperties(t *testing.T) {
	r := create(t, keystore.NewMemory(), newEngine(t).kek(t, "a"))
	rapid.Check(t, func(rt *rapid.T) {
		plaintext := rapid.SliceOf(rapid.Byte()).Draw(rt, "plaintext")
		fields := rapid.SliceOfN(rapid.String(), 0, 4).Draw(rt, "fields")
		prefix := rapid.SliceOf(rapid.Byte()).Draw(rt, "dst")
		where := keyring.Bind("k", fields...)
		out, err := r.Seal(bytes.Clone(prefix), plaintext, where)
		if err != nil {
			rt.Fatal(err)
		}
		msg := out[len(prefix):]
		if !bytes.Equal(out[:len(prefix)], prefix) || len(msg) != len(plaintext)+keyring.Overhead {
			rt.Fatalf("Seal changed dst or returned %d bytes for %d", len(msg), len(plaintext))
		}
		got, err := r.Open(bytes.Clone(prefix), msg, where)
		if err != nil || !bytes.Equal(got, append(bytes.Clone(prefix), plaintext...)) {
			rt.Fatalf("Open = %x, %v", got, err)
		}
		other := rapid.SliceOfN(rapid.String(), 0, 4).Draw(rt, "other fields")
		if strings.Join(other, "\x00") != strings.Join(fields, "\x00") || len(other) != len(fields) {
			if _, err := r.Open(nil, msg, keyring.Bind("k", other...)); !errors.Is(err, keyring.ErrOpen) {
				rt.Fatalf("bound to %q, opened at %q: %v", fields, other, err)
			}
		}
		msg[rapid.IntRange(0, len(msg)-1).Draw(rt, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
		if _, err := r.Open(nil, msg, where); err == nil {
			rt.Fatal("an altered message opened")
		}
	})
}

func TestInPlace(t *testing.T) {
	r := create(t, keystore.NewMemory(), newEngine(t).kek(t, "a"))
	buf := append(make([]byte, 0, 200), "attack at dawn"...)
	msg, err := r.Seal(buf[:0], buf, here)
	if err != nil {
		t.Fatal(err)
	}
	if &msg[0] != &buf[0] {
		t.Error("Seal moved to another array although there was room")
	}
	out, err := r.Open(msg[:0], msg, here)
	if err != nil || string(out) != "attack at dawn" || &out[0] != &buf[0] {
		t.Errorf("Open in place = %q, %v", out, err)
	}
}

func TestNoAllocationWithRoom(t *testing.T) {
	o := home() // with all that a ring may do beside
	o.Wear, o.Lease, o.Readers = keystore.NewMemory(), time.Hour, 3
	o.Signing = keyring.Signing{Algorithms: []string{"EdDSA", "ES256"}}
	o.Rotation = keyring.Rotation{Period: 720 * time.Hour}
	r, err := keyring.Create(t.Context(), keystore.NewMemory(), keks(newEngine(t).kek(t, "a")), o)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	plaintext := make([]byte, 1000)
	dst := make([]byte, 0, 2000)
	msg := seal(t, r, string(plaintext))
	for name, op := range map[string]func() error{
		"Seal": func() error { _, err := r.Seal(dst, plaintext, here); return err },
		"Open": func() error { _, err := r.Open(dst, msg, here); return err },
	} {
		if n := testing.AllocsPerRun(100, func() {
			if err := op(); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

func TestRefusedMessages(t *testing.T) {
	r := create(t, keystore.NewMemory(), newEngine(t).kek(t, "a"))
	msg := seal(t, r, "x")
	other := seal(t, create(t, keystore.NewMemory(), newEngine(t).kek(t, "a")), "x")
	for _, c := range []struct {
		name  string
		msg   []byte
		where keyring.Binding
		want  error
		text  string
	}{
		{"nil", nil, here, keyring.ErrFormat, "0 bytes"},
		{"header only", msg[:16], here, keyring.ErrFormat, "16 bytes"},
		{"other format", append([]byte{2}, msg[1:]...), here, keyring.ErrFormat, "format 0x02"},
		{"cut", msg[:40], here, keyring.ErrOpen, "not authentic"},
		{"last byte missing", msg[:len(msg)-1], here, keyring.ErrOpen, "not authentic"},
		{"another place", msg, keyring.Bind("variable", "global", "default", "app/other"), keyring.ErrOpen, "not authentic"},
		{"another kind", msg, keyring.Bind("token", "global", "default", "app/db"), keyring.ErrOpen, "not authentic"},
		{"zero binding", msg, keyring.Binding{}, keyring.ErrNoBinding, "Bind"},
		{"another keystore", other, here, keyring.ErrUnknownKey, "unknown key 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := r.Open(nil, c.msg, c.where)
			wantError(t, err, c.want, c.text)
			if out != nil {
				t.Errorf("returned %x with the error", out)
			}
		})
	}
	_, err := r.Seal(nil, nil, keyring.Binding{})
	wantError(t, err, keyring.ErrNoBinding)
}

func TestClosedRing(t *testing.T) {
	store, e := keystore.NewMemory(), newEngine(t)
	r := create(t, store, e.kek(t, "a"))
	msg := seal(t, r, "x")
	generation := r.Seen().Generation
	r.Close()
	r.Close()
	if _, err := load(t, store, home(), e.kek(t, "a")).RotateRoot(t.Context()); err != nil {
		t.Fatal(err) // a closed ring does not follow
	}
	_, sealErr := r.Seal(nil, nil, here)
	_, openErr := r.Open(nil, msg, here)
	_, waitErr := r.OpenContext(t.Context(), nil, msg, here)
	_, rotateErr := r.Rotate(t.Context())
	_, rewrapErr := r.Rewrap(t.Context())
	_, rootErr := r.RotateRoot(t.Context())
	_, verifyErr := r.Verify(t.Context())
	for _, err := range []error{sealErr, openErr, waitErr, rotateErr, rewrapErr, rootErr, verifyErr, r.Refresh(t.Context())} {
		wantError(t, err, keyring.ErrClosed)
	}
	if r.Seen().Generation != generation {
		t.Error("a closed ring forgot what it has seen")
	}
}

func TestBindWithoutKindPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	keyring.Bind("", "x")
}
