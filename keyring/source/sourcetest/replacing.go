package sourcetest

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/sealwax/sealwax/keyring/source"
)

func testReplace(t *testing.T, h Harness) {
	ms := messages(30)
	s := h.New(t, ms)
	before := all(t, s, "")
	for i, r := range before {
		if i%3 != 0 {
			j := slices.IndexFunc(ms, func(m Message) bool { return m.isAt(r) })
			ms[j] = ms[j].next(i)
			replace(t, s, r, ms[j].Sealed)
		}
	}
	flush(t, s)
	want(t, s, ms)
	want(t, h.Again(t, s), ms)
	for i, r := range all(t, s, "") {
		if r.Cursor != before[i].Cursor {
			t.Errorf("the cursor of %s was %q and is %q", r.Where, before[i].Cursor, r.Cursor)
		}
	}
}

// testReplaceWhileWalking is a rekey: it replaces what the walk that goes on yields, and flushes now and then.
func testReplaceWhileWalking(t *testing.T, h Harness) {
	ms := messages(60)
	s := h.New(t, ms)
	n := 0
	for r, err := range s.Records(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		j := slices.IndexFunc(ms, func(m Message) bool { return m.isAt(r) })
		ms[j] = ms[j].next(n + 1)
		replace(t, s, r, ms[j].Sealed)
		if n++; n%7 == 0 {
			flush(t, s)
		}
	}
	flush(t, s)
	if n != len(ms) {
		t.Errorf("the walk met %d records, want %d", n, len(ms))
	}
	want(t, h.Again(t, s), ms)
}

func testIdle(t *testing.T, h Harness) {
	s := h.New(t, messages(3))
	flush(t, s)
	flush(t, s)
	want(t, s, messages(3))
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// testClose ends without Flush: each message is the old or the new one, and the next source can go on.
func testClose(t *testing.T, h Harness) {
	ms := messages(10)
	s := h.New(t, ms)
	for _, r := range all(t, s, "")[:5] {
		replace(t, s, r, slices.Concat(r.Sealed, []byte("!")))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := h.Again(t, s)
	for _, r := range all(t, again, "") {
		i := slices.IndexFunc(ms, func(m Message) bool { return m.isAt(r) })
		if !bytes.Equal(bytes.TrimSuffix(r.Sealed, []byte("!")), ms[i].Sealed) {
			t.Errorf("%s: %.20q, want %.20q", r.Where, r.Sealed, ms[i].Sealed)
		}
		ms[i] = ms[i].next(7)
		replace(t, again, r, ms[i].Sealed)
	}
	flush(t, again)
	want(t, again, ms)
}

func testChangedBeforeReplace(t *testing.T, h Harness) {
	ms := messages(10)
	s := h.New(t, ms)
	r := find(t, s, ms[4])
	theirs := ms[4].next(1)
	h.Put(t, s, theirs)
	if err := replaceAndFlush(t, s, r, ms[4].next(2).Sealed); err == nil {
		t.Error("a message that was not read was replaced")
	}
	ms[4] = theirs
	want(t, s, ms)
	flush(t, s)
	want(t, h.Again(t, s), ms)
}

func testChangedBeforeFlush(t *testing.T, h Harness) {
	ms := messages(10)
	s := h.New(t, ms)
	r, other := find(t, s, ms[4]), find(t, s, ms[8])
	replace(t, s, r, ms[4].next(1).Sealed)
	replace(t, s, other, ms[8].next(1).Sealed)
	theirs := ms[4].next(2)
	h.Put(t, s, theirs)
	if err := s.Flush(t.Context()); err != nil && !errors.Is(err, source.ErrChanged) {
		t.Fatal(err)
	}
	if got := find(t, s, theirs); !bytes.Equal(got.Sealed, theirs.Sealed) {
		t.Errorf("what was put between Replace and Flush is lost: %s is %.20q, want %.20q", got.Where, got.Sealed, theirs.Sealed)
	}
	if err := replaceAndFlush(t, s, find(t, s, theirs), ms[4].next(3).Sealed); err != nil {
		t.Errorf("and then nothing can be replaced: %v", err)
	}
}

func testRemovedBeforeReplace(t *testing.T, h Harness) {
	ms := messages(10)
	s := h.New(t, ms)
	r := find(t, s, ms[9])
	h.Remove(t, s, ms[9])
	if err := replaceAndFlush(t, s, r, ms[9].next(1).Sealed); err == nil {
		t.Error("a message that was taken away was replaced")
	}
	want(t, s, ms[:9])
}

func testReadOnly(t *testing.T, h Harness) {
	ms := messages(5)
	inner := h.New(t, ms)
	s := source.ReadOnly(inner)
	_, sized := s.(source.Sizer)
	if _, ok := inner.(source.Sizer); ok != sized || s.String() != inner.String() {
		t.Errorf("of %s, a Sizer: %v, it makes %s, a Sizer: %v", inner, ok, s, sized)
	}
	if err := s.Replace(t.Context(), find(t, s, ms[0]), ms[0].next(1).Sealed); !errors.Is(err, source.ErrReadOnly) {
		t.Errorf("Replace = %v, want ErrReadOnly", err)
	}
	flush(t, s)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	want(t, inner, ms)
}
