package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sealwax/sealwax/keystore"
)

// testWriters has several writers replace the same generation at once, over and over. One of them wins, the others are
// told of a conflict, and the store holds what the winner wrote.
func testWriters(t *testing.T, h Harness) {
	const writers, rounds = 4, 10
	s := h.New(t)
	stores := make([]keystore.Store, writers)
	for i := range stores {
		stores[i] = h.Again(t, s)
	}
	prev := keystore.Digest{}
	for round := range rounds {
		errs := make([]error, writers)
		var wg sync.WaitGroup
		for i, store := range stores {
			wg.Go(func() { errs[i] = store.Write(t.Context(), prev, turn(round, i)) })
		}
		wg.Wait()
		winner := -1
		for i, err := range errs {
			switch {
			case err == nil && winner >= 0:
				t.Fatalf("round %d: writers %d and %d both won", round, winner, i)
			case err == nil:
				winner = i
			case !errors.Is(err, keystore.ErrConflict):
				t.Fatalf("round %d: writer %d: %v, want ErrConflict", round, i, err)
			}
		}
		if winner < 0 {
			t.Fatalf("round %d: nobody won: %v", round, errs)
		}
		wantRead(t, s, string(turn(round, winner)))
		prev = keystore.DigestOf(turn(round, winner))
	}
}

func turn(round, writer int) []byte { return fmt.Appendf(nil, "round %d, writer %d", round, writer) }

// testReaders reads while one writer replaces generations of very different lengths. Every reader finds a whole one, and
// never an older one than before.
func testReaders(t *testing.T, h Harness) {
	const readers, generations = 3, 40
	s := h.New(t)
	mustWrite(t, s, keystore.Digest{}, string(whole(0)))
	var wg sync.WaitGroup
	var done atomic.Bool
	for range readers {
		store := h.Again(t, s)
		wg.Go(func() {
			for last := 0; !done.Load(); {
				n, err := readWhole(t.Context(), store)
				if err != nil || n < last {
					t.Errorf("after generation %d: read generation %d, %v", last, n, err)
					return
				}
				last = n
			}
		})
	}
	for n := 1; n < generations && !t.Failed(); n++ {
		if err := s.Write(t.Context(), keystore.DigestOf(whole(n-1)), whole(n)); err != nil {
			t.Errorf("Write of generation %d beside readers: %v", n, err)
		}
	}
	done.Store(true)
	wg.Wait()
}

// whole returns generation n: its number, then bytes that all differ from those of the neighbours.
func whole(n int) []byte {
	data := bytes.Repeat([]byte{byte('a' + n%26)}, 1+n*7919%100_000)
	return append(fmt.Appendf(nil, "%d ", n), data...)
}

func readWhole(ctx context.Context, s keystore.Store) (n int, err error) {
	data, err := s.Read(ctx)
	if err != nil {
		return 0, err
	}
	if _, err := fmt.Sscanf(string(data), "%d ", &n); err != nil {
		return 0, fmt.Errorf("read %.40q: %w", data, err)
	}
	if !bytes.Equal(data, whole(n)) {
		return n, fmt.Errorf("%d bytes are not the %d of generation %d", len(data), len(whole(n)), n)
	}
	return n, nil
}
