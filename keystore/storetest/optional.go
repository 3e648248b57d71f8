package storetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/sealwax/sealwax/keystore"
)

func testStamp(t *testing.T, h Harness) {
	s := h.New(t)
	stamper := as[keystore.Stamper](t, s)
	if stamp, err := stamper.Stamp(t.Context()); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("Stamp of an empty store = %q, %v, want ErrNotFound", stamp, err)
	}
	mustWrite(t, s, keystore.Digest{}, "first")
	before := mustStamp(t, stamper)
	wantRead(t, s, "first")
	if after := mustStamp(t, stamper); after != before {
		t.Errorf("reading changed the stamp from %s to %s", before, after)
	}
	if err := s.Write(t.Context(), keystore.Digest{}, []byte("lost")); !errors.Is(err, keystore.ErrConflict) {
		t.Fatalf("Write = %v, want ErrConflict", err)
	}
	if after := mustStamp(t, stamper); after != before {
		t.Errorf("a conflict changed the stamp from %s to %s", before, after)
	}
	mustWrite(t, h.Again(t, s), keystore.DigestOf([]byte("first")), "other")
	if after := mustStamp(t, stamper); after == before {
		t.Errorf("the stamp is still %s after another process wrote as many bytes", after)
	}
}

// testStampsDiffer writes as fast as it can: no clock tick and no recycled inode may make two generations look alike.
func testStampsDiffer(t *testing.T, h Harness) {
	s := h.New(t)
	stamper := as[keystore.Stamper](t, s)
	seen := map[string]int{}
	prev := keystore.Digest{}
	for n := range 60 {
		data := fmt.Sprintf("generation %02d", n)
		mustWrite(t, s, prev, data)
		stamp := mustStamp(t, stamper)
		if other, ok := seen[stamp]; ok {
			t.Fatalf("generations %d and %d have the same stamp %s", other, n, stamp)
		}
		seen[stamp] = n
		prev = keystore.DigestOf([]byte(data))
	}
}

func testRemovePrevious(t *testing.T, h Harness) {
	s := h.New(t)
	remover := as[keystore.PreviousRemover](t, s)
	previous := h.Previous
	if previous == nil {
		previous = func(*testing.T, keystore.Store) []byte { return nil }
	}
	mustWrite(t, s, keystore.Digest{}, "first")
	if got := previous(t, s); got != nil {
		t.Errorf("previous of the first generation = %q, want none", got)
	}
	mustRemove(t, remover) // there is none
	mustWrite(t, s, keystore.DigestOf([]byte("first")), "second")
	mustWrite(t, s, keystore.DigestOf([]byte("second")), "third")
	if got := previous(t, s); h.Previous != nil && string(got) != "second" {
		t.Errorf("previous of the third generation = %q, want second", got)
	}
	mustRemove(t, remover)
	if got := previous(t, s); got != nil {
		t.Errorf("previous after RemovePrevious = %q, want none", got)
	}
	wantRead(t, s, "third")
	mustWrite(t, s, keystore.DigestOf([]byte("third")), "fourth")
}

// testUnknown does what a caller has to do after an unknown outcome: read again, and go on from what is there.
func testUnknown(t *testing.T, h Harness) {
	if h.Unknown == nil {
		t.Skip("the harness cannot make an outcome unknown")
	}
	for _, written := range []bool{true, false} {
		s := h.New(t)
		mustWrite(t, s, keystore.Digest{}, "first")
		h.Unknown(t, s, written)
		err := s.Write(t.Context(), keystore.DigestOf([]byte("first")), []byte("second"))
		if !errors.Is(err, keystore.ErrOutcomeUnknown) || errors.Is(err, keystore.ErrConflict) {
			t.Errorf("written %v: Write = %v, want ErrOutcomeUnknown", written, err)
		}
		want := map[bool]string{true: "second", false: "first"}[written]
		wantRead(t, s, want)
		mustWrite(t, s, keystore.DigestOf([]byte(want)), "third")
	}
}

// as returns s as what it may also be, and skips the test if it is not.
func as[T any](t *testing.T, s keystore.Store) T {
	t.Helper()
	other, ok := s.(T)
	if !ok {
		t.Skipf("%T is no %T", s, &other)
	}
	return other
}

func mustStamp(t *testing.T, s keystore.Stamper) string {
	t.Helper()
	stamp, err := s.Stamp(t.Context())
	if err != nil {
		t.Fatalf("Stamp: %v", err)
	}
	return stamp
}

func mustRemove(t *testing.T, s keystore.PreviousRemover) {
	t.Helper()
	if err := s.RemovePrevious(t.Context()); err != nil {
		t.Fatalf("RemovePrevious: %v", err)
	}
}
