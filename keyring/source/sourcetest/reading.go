package sourcetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/sealwax/sealwax/keyring/source"
)

func testEmpty(t *testing.T, h Harness) {
	want(t, h.New(t, nil), nil)
}

func testOrder(t *testing.T, h Harness) {
	ms := messages(50)
	s := h.New(t, ms)
	want(t, s, ms)
	first, second := all(t, s, ""), all(t, h.Again(t, s), "")
	cursors := make(map[string]bool)
	for i, r := range first {
		if r.Cursor == "" || cursors[r.Cursor] {
			t.Errorf("record %d has the cursor %q, which is none or that of another", i, r.Cursor)
		}
		cursors[r.Cursor] = true
		if r.Cursor != second[i].Cursor || r.Where != second[i].Where {
			t.Fatalf("record %d is %q, %s, and in another walk %q, %s", i, r.Cursor, r.Where, second[i].Cursor, second[i].Where)
		}
		m := ms[slices.IndexFunc(ms, func(m Message) bool { return m.isAt(r) })]
		if r.Namespace != m.Namespace || r.Where == "" {
			t.Errorf("record of %s/%s: namespace %q, where %q", m.Namespace, m.Path, r.Namespace, r.Where)
		}
	}
}

func testResume(t *testing.T, h Harness) {
	s := h.New(t, messages(30))
	whole := all(t, s, "")
	for i, r := range whole {
		rest := all(t, h.Again(t, s), r.Cursor)
		if !slices.EqualFunc(rest, whole[i+1:], func(a, b source.Record) bool { return a.Cursor == b.Cursor }) {
			t.Fatalf("behind %q come %d records, want the %d that came behind it before", r.Cursor, len(rest), len(whole)-i-1)
		}
	}
}

func testStopsEarly(t *testing.T, h Harness) {
	s := h.New(t, messages(10))
	for n := 1; n <= 10; n++ {
		got := 0
		for range s.Records(t.Context(), "") {
			if got++; got == n {
				break
			}
		}
	}
}

// testOwned overwrites what it is given: that must not show.
func testOwned(t *testing.T, h Harness) {
	ms := messages(10)
	s := h.New(t, ms)
	for _, r := range all(t, s, "") {
		clear(r.Sealed)
	}
	r, next := find(t, s, ms[3]), ms[3].next(1)
	given := slices.Clone(next.Sealed)
	replace(t, s, r, given)
	clear(given)
	clear(r.Sealed)
	flush(t, s)
	ms[3] = next
	want(t, s, ms)
}

func testEnded(t *testing.T, h Harness) {
	ms := messages(10)
	s := h.New(t, ms)
	r := find(t, s, ms[0])
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	seen := 0
	var last error
	for r, err := range s.Records(ctx, "") {
		if last != nil || (err == nil) != (r.Cursor != "") {
			t.Errorf("after the error %v came %q, %v", last, r.Cursor, err)
		}
		last = err
		seen++
		cancel()
	}
	if seen > len(ms) || !errors.Is(last, context.Canceled) {
		t.Errorf("a walk whose context had ended went on for %d records, and ended with %v", seen, last)
	}
	if err := s.Replace(ctx, r, ms[0].next(1).Sealed); !errors.Is(err, context.Canceled) {
		t.Errorf("Replace = %v, want context.Canceled", err)
	}
	flush(t, s)
	want(t, s, ms)
}

func testSize(t *testing.T, h Harness) {
	for _, n := range []int{0, 1, 40} {
		sizer, ok := h.New(t, messages(n)).(source.Sizer)
		if !ok {
			t.Skip("it is no Sizer")
		}
		if got, err := sizer.Size(t.Context()); err != nil || got != int64(n) {
			t.Errorf("Size = %d, %v, want %d", got, err, n)
		}
	}
}

func testUnreadable(t *testing.T, h Harness) {
	if h.Spoil == nil {
		t.Skip("no record of it can be spoiled alone")
	}
	ms := messages(12)
	s := h.New(t, ms)
	h.Spoil(t, s, ms[5])
	records := all(t, s, "")
	spoiled := slices.IndexFunc(records, func(r source.Record) bool { return r.Err != nil })
	if len(records) != len(ms) || spoiled < 0 {
		t.Fatalf("%d records, of which %d is spoiled; want %d and one", len(records), spoiled, len(ms))
	}
	if r := records[spoiled]; r.Sealed != nil || r.Cursor == "" || r.Where == "" {
		t.Errorf("the spoiled record is %+v", r)
	}
	if rest := all(t, s, records[spoiled].Cursor); len(rest) != len(ms)-spoiled-1 {
		t.Errorf("%d records behind the spoiled one, want %d", len(rest), len(ms)-spoiled-1)
	}
	for _, r := range records {
		if i := slices.IndexFunc(ms, func(m Message) bool { return m.isAt(r) }); i >= 0 {
			replace(t, s, r, ms[i].next(1).Sealed)
		}
	}
	flush(t, s)
	again := all(t, s, "")
	for i, r := range again {
		if (r.Err != nil) != (i == spoiled) || r.Cursor != records[i].Cursor {
			t.Errorf("after all others were replaced, record %d is %s: %v", i, r.Where, r.Err)
		}
	}
}

func testReaders(t *testing.T, h Harness) {
	ms := messages(40)
	s := h.New(t, ms)
	records := all(t, s, "")
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for range 5 {
				n := 0
				for _, err := range s.Records(t.Context(), "") {
					if err != nil {
						t.Error(err)
					}
					n++
				}
				if n != len(ms) {
					t.Errorf("a walk beside a rekey met %d records, want %d", n, len(ms))
				}
			}
		})
	}
	for i, r := range records {
		replace(t, s, r, slices.Concat(r.Sealed, []byte{byte(i)}))
		if i%10 == 9 {
			flush(t, s)
		}
	}
	readers.Wait()
}
