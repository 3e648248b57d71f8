package rekey

import (
	"errors"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/keyring"
)

// erring is a ring in a machine that errs: it seals something else than it is given, every so many times.
type erring struct {
	*keyring.Ring
	every, sealed int
}

func (e *erring) Seal(dst, plain []byte, where keyring.Binding) ([]byte, error) {
	if e.sealed++; e.sealed%e.every == 0 {
		plain = append([]byte("x"), plain[1:]...)
	}
	return e.Ring.Seal(dst, plain, where)
}

func TestVerify(t *testing.T) {
	for _, c := range []struct {
		name   string
		verify bool
		every  int
		failed int64
	}{
		{"every message is opened again", true, 100, 10},
		{"without it a machine that errs always is found too", false, 1, 1000},
	} {
		t.Run(c.name, func(t *testing.T) {
			ring := newRing(t, nil)
			m := &memory{}
			m.fill(t, ring, 1000)
			active := rotate(t, ring)
			opts, err := (&Options{Verify: c.verify, Workers: 1}).complete()
			if err != nil {
				t.Fatal(err)
			}
			r, err := start(t.Context(), &erring{Ring: ring, every: c.every}, m, opts)
			if err != nil {
				t.Fatal(err)
			}
			wantCounts(t, r.Counts, Counts{Records: 1000, Resealed: 1000 - c.failed, Failed: c.failed})
			if f := r.Failures[0]; !errors.Is(f.Cause, errUnproven) || !strings.Contains(f.Cause.Error(), "memory") {
				t.Errorf("cause is %v", f.Cause)
			}
			wantAllUnder(t, ring, active, m, 1000)
		})
	}
}

// TestPlaintextsAreCleared looks into the buffers of a worker after a batch, and after one that failed in its middle.
func TestPlaintextsAreCleared(t *testing.T) {
	for _, long := range []int{1, 100, 5 * batchBytes} {
		ring := newRing(t, nil)
		m := &memory{}
		m.fill(t, ring, 3)
		msg, err := ring.Seal(nil, []byte(strings.Repeat("s", long)), place(1))
		if err != nil {
			t.Fatal(err)
		}
		m.messages[1] = msg
		rotate(t, ring)
		b := newBatch()
		for i := range m.messages {
			b.add(m.record(i))
		}
		opts, _ := (&Options{Verify: true}).complete()
		w := &worker{run: &run{ring: ring, src: m, opts: opts}, plain: make([]byte, 0, 200), proof: make([]byte, 0, 200)}
		first, second := w.plain[:200], w.proof[:200]
		if err := w.sealAll(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		for _, buf := range [][]byte{first, second, w.plain[:cap(w.plain)], w.proof[:cap(w.proof)]} {
			for _, c := range buf {
				if c != 0 {
					t.Fatalf("with a plaintext of %d bytes a buffer of %d still has %q", long, len(buf), buf)
				}
			}
		}
		if cap(w.plain) > 2*batchBytes {
			t.Errorf("a worker keeps a buffer of %d bytes", cap(w.plain))
		}
	}
}
