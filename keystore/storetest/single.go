package storetest

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/sealwax/sealwax/keystore"
)

func testNotFound(t *testing.T, h Harness) {
	s := h.New(t)
	if data, err := s.Read(t.Context()); !errors.Is(err, keystore.ErrNotFound) || data != nil {
		t.Errorf("Read of an empty store = %q, %v, want nil, ErrNotFound", data, err)
	}
}

func testCreate(t *testing.T, h Harness) {
	s := h.New(t)
	mustWrite(t, s, keystore.Digest{}, "first")
	wantRead(t, s, "first")
	wantRead(t, h.Again(t, s), "first")
}

func testReplace(t *testing.T, h Harness) {
	s := h.New(t)
	prev := keystore.Digest{}
	for _, data := range []string{"first", "second, which is longer", "3rd", "first"} {
		mustWrite(t, h.Again(t, s), prev, data)
		wantRead(t, s, data)
		prev = keystore.DigestOf([]byte(data))
	}
}

func testConflict(t *testing.T, h Harness) {
	first, second := keystore.DigestOf([]byte("first")), keystore.DigestOf([]byte("second"))
	for _, c := range []struct {
		name string
		have []string
		prev keystore.Digest
	}{
		{"store is empty", nil, first},
		{"must not exist but does", []string{"first"}, keystore.Digest{}},
		{"another one", []string{"first"}, second},
		{"the one before", []string{"first", "second"}, first},
	} {
		s, prev := h.New(t), keystore.Digest{}
		for _, data := range c.have {
			mustWrite(t, s, prev, data)
			prev = keystore.DigestOf([]byte(data))
		}
		if err := s.Write(t.Context(), c.prev, []byte("lost")); !errors.Is(err, keystore.ErrConflict) {
			t.Errorf("%s: Write = %v, want ErrConflict", c.name, err)
		}
		if len(c.have) == 0 {
			if _, err := s.Read(t.Context()); !errors.Is(err, keystore.ErrNotFound) {
				t.Errorf("%s: Read after the conflict = %v, want ErrNotFound", c.name, err)
			}
			continue
		}
		wantRead(t, s, c.have[len(c.have)-1])
	}
}

func testAnyBytes(t *testing.T, h Harness) {
	random := rand.NewChaCha8([32]byte{})
	large := make([]byte, keystore.MaxSize)
	random.Read(large)
	for name, data := range map[string][]byte{
		"empty":     {},
		"zeros":     make([]byte, 4096),
		"lines":     []byte("\r\n\n\x1a\x00"),
		"the limit": large,
	} {
		s := h.New(t)
		mustWrite(t, s, keystore.Digest{}, string(data))
		if got, err := s.Read(t.Context()); err != nil || got == nil || !bytes.Equal(got, data) {
			t.Errorf("%s: Read = %d bytes, %v, want the %d that were written", name, len(got), err, len(data))
		}
		mustWrite(t, s, keystore.DigestOf(data), "next")
	}
}

func testTooLarge(t *testing.T, h Harness) {
	s := h.New(t)
	err := s.Write(t.Context(), keystore.Digest{}, make([]byte, keystore.MaxSize+1))
	if err == nil || errors.Is(err, keystore.ErrOutcomeUnknown) || errors.Is(err, keystore.ErrConflict) {
		t.Errorf("Write of more than MaxSize = %v, want a plain error", err)
	}
	if _, err := s.Read(t.Context()); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("Read after the refused write = %v, want ErrNotFound", err)
	}
}

func testSlices(t *testing.T, h Harness) {
	s := h.New(t)
	data := []byte("first")
	if err := s.Write(t.Context(), keystore.Digest{}, data); err != nil {
		t.Fatal(err)
	}
	clear(data)
	got, err := s.Read(t.Context())
	if err != nil || string(got) != "first" {
		t.Fatalf("Read after the written slice was changed = %q, %v, want first", got, err)
	}
	clear(got)
	wantRead(t, s, "first")
}

func testCancelled(t *testing.T, h Harness) {
	s := h.New(t)
	mustWrite(t, s, keystore.Digest{}, "first")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Read(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Read with a cancelled context = %v, want context.Canceled", err)
	}
	err := s.Write(ctx, keystore.DigestOf([]byte("first")), []byte("second"))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Write with a cancelled context = %v, want context.Canceled", err)
	}
	wantRead(t, s, "first")
}

func mustWrite(t *testing.T, s keystore.Store, prev keystore.Digest, data string) {
	t.Helper()
	if err := s.Write(t.Context(), prev, []byte(data)); err != nil {
		t.Fatalf("Write of %d bytes after %.8v: %v", len(data), prev, err)
	}
}

func wantRead(t *testing.T, s keystore.Store, want string) {
	t.Helper()
	if got, err := s.Read(t.Context()); err != nil || string(got) != want {
		t.Fatalf("Read = %.80q, %v, want %q", got, err, want)
	}
}
