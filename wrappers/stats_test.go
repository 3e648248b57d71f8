package wrappers

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func wantStats(t *testing.T, k *KEK, want ...string) {
	t.Helper()
	var got []string
	for _, s := range k.Stats() {
		got = append(got, fmt.Sprintf("%s %s %s %s %d %v", s.KEK, s.Provider, s.Op, s.Outcome, s.Calls, s.Took))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestEachOutcomeIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := failing(4, Later)
		k := newKEK(t, w, &Options{Provider: "fake", Name: "eu", CallsPerMinute: 36, Attempts: 1})
		wantStats(t, k)
		k.Unwrap(t.Context(), &Wrapped{Scheme: "other/1", Blob: []byte("wx")}, nil)
		k.Check(t.Context())
		wantStats(t, k) // none of them calls the provider

		for _, class := range []Class{Later, Later, Ask, Never, Never} { // the last one succeeds
			w.class = class
			k.Unwrap(t.Context(), blob, nil)
		}
		k.Wrap(t.Context(), []byte("x"), nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		decrypt := w.decrypt
		w.decrypt = func(ctx context.Context, _ []byte) ([]byte, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		k.Unwrap(ctx, blob, nil)
		k.Unwrap(ctx, blob, nil) // with a context that has ended
		synctest.Wait()          // for the call that was given up
		w.decrypt = decrypt
		for range 3 {
			k.Unwrap(t.Context(), blob, nil)
		}
		soon, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		k.Unwrap(soon, blob, nil)
		k.Close()
		k.Unwrap(t.Context(), blob, nil)
		wantStats(t, k,
			"fake.eu fake decrypt abandoned 2 1s",
			"fake.eu fake decrypt ask 1 0s",
			"fake.eu fake decrypt later 2 0s",
			"fake.eu fake decrypt never 1 0s",
			"fake.eu fake decrypt ok 5 0s",
			"fake.eu fake decrypt over-budget 1 0s",
			"fake.eu fake encrypt ok 1 0s",
		)
	})
}

func TestRetriesAndInspectionsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := failing(2, Later)
		k := newKEK(t, inspecting{w}, nil)
		if _, err := k.Unwrap(t.Context(), blob, nil); err != nil {
			t.Fatal(err)
		}
		k.Inspect(t.Context())
		wantStats(t, k, "fake.eu fake decrypt later 2 0s", "fake.eu fake decrypt ok 1 0s", "fake.eu fake inspect ok 1 2s")
	})
}

type inspecting struct{ *failingSchemer }

func (inspecting) Inspect(context.Context) (*Inspection, error) {
	time.Sleep(2 * time.Second)
	return &Inspection{}, nil
}
