package keyring_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// An open ring needs no KEK: with all of them down for an hour it seals, opens, rotates and keeps its lease, and another
// ring follows it. What is sealed meanwhile opens after the next start.
func TestAnHourWithoutAnyKEK(t *testing.T) {
	for name, down := range map[string]func(*engine){
		"refusing": func(e *engine) { e.fail(wrappers.Later) },
		"denying":  func(e *engine) { e.fail(wrappers.Ask) },
		"silent":   func(e *engine) { e.silent.Store(true) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, a, b := keystore.NewMemory(), newEngine(t), newEngine(t)
				o, _ := following()
				o.Lease = 2 * time.Minute
				writer, err := keyring.Create(t.Context(), store, keks(a.kek(t, "a"), b.kek(t, "b")), o)
				if err != nil {
					t.Fatal(err)
				}
				reader := load(t, store, o, a.kek(t, "a"), b.kek(t, "b"))
				down(a)
				down(b)
				before := callsOf(a) + callsOf(b)
				msgs := anHour(t, writer, reader)
				if got := callsOf(a) + callsOf(b) - before; got != 0 {
					t.Errorf("%d calls of KEKs in the hour", got)
				}
				if got := len(reader.Keys()); got != 7 {
					t.Errorf("%d keys, want the first and six rotations", got)
				}
				writer.Close()
				reader.Close()

				a.fail(0)
				a.silent.Store(false)
				again := load(t, store, home(), a.kek(t, "a"))
				for _, msg := range msgs {
					mustOpen(t, again, msg, "x")
				}
			})
		})
	}
}

func callsOf(e *engine) int64 { return e.encrypts.Load() + e.decrypts.Load() }

// anHour seals with both rings every minute, opens what the other sealed, and rotates every ten minutes.
func anHour(t *testing.T, writer, reader *keyring.Ring) (msgs [][]byte) {
	t.Helper()
	for minute := range 60 {
		if minute%10 == 9 {
			if _, err := writer.Rotate(t.Context()); err != nil {
				t.Fatalf("after %d minutes: %v", minute, err)
			}
		}
		theirs := seal(t, writer, "x")
		time.Sleep(time.Minute) // in which the reader has looked twice
		mustOpen(t, reader, theirs, "x")
		ours := seal(t, reader, "x")
		mustOpen(t, writer, ours, "x")
		msgs = append(msgs, ours, theirs)
	}
	return msgs
}
