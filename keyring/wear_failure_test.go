package keyring

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// TestWearThatCannotBeWritten: it is said once, sealing goes on, and all is handed in when the file is back.
func TestWearThatCannotBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorn(t)
		w.wear.set(errors.New("no such host"), nil)
		r := w.ring()
		key := activeOf(t, r)
		for range 10 {
			w.seal(r, 1)
			time.Sleep(time.Minute)
		}
		if got := wearOf(r, key); got.Messages != 10 {
			t.Errorf("the ring says %+v, want 10 messages", got)
		}
		w.wantLogged("no such host", 1)
		w.wantLogged("sealing goes on, and this ring counts for itself", 1)
		if w.wear.calls < 8 || w.wear.calls > 30 { // a minute's pause is up to half shorter or longer
			t.Errorf("%d attempts in 10 minutes, want 15 or so", w.wear.calls)
		}
		w.wear.set(errors.New("permission denied"), nil)
		time.Sleep(3 * time.Minute)
		w.wantLogged("permission denied", 1)
		w.wear.set(nil, nil)
		time.Sleep(2 * time.Minute)
		w.wantFile(key, of(10), 1)
		w.wantLogged("is counted for all rings together again", 1)
		w.seal(r, 1)
		w.wear.set(errors.New("no such host"), nil)
		r.Close()
		w.wantLogged("no such host", 2)
		w.wear.set(nil, nil)
		w.wantFile(key, of(10), 1) // the lease stands for the one that is missing
	})
}

// TestOutcomeOfAWearWriteUnknown: whether it happened or not, nothing is counted twice.
func TestOutcomeOfAWearWriteUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorn(t)
		r := w.ring()
		key := activeOf(t, r)
		w.wear.set(nil, keystore.ErrOutcomeUnknown) // and yet written
		w.seal(r, 3)
		time.Sleep(2 * wearTick)
		w.wantFile(key, of(3), 1)
		if w.wear.written() != 1 {
			t.Errorf("%d writes, want 1: the ring reads that it was written", w.wear.written())
		}
		w.seal(r, 4)
		r.Close()
		w.wantFile(key, of(7), 0)

		w.wear.set(keystore.ErrOutcomeUnknown, nil) // and not written, nor can it be read
		again := w.ring()
		w.seal(again, 2)
		time.Sleep(2 * wearTick)
		w.wear.set(nil, nil)
		time.Sleep(time.Minute)
		w.wantFile(key, of(9), 1)
		again.Close()
		w.wantFile(key, of(9), 0)
	})
}

// TestWearFileThatIsGone: a ring that is running hands in again what it has sealed itself.
func TestWearFileThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorn(t)
		a, b := w.ring(), w.ring()
		key := activeOf(t, a)
		w.seal(a, 3)
		w.seal(b, 100)
		time.Sleep(2 * wearTick)
		b.Close()
		first := w.file()
		w.wantFile(key, of(103), 1)
		w.wear.mu.Lock()
		w.wear.Store = keystore.NewMemory()
		w.wear.mu.Unlock()
		w.seal(a, 1)
		time.Sleep(defaultRefreshInterval + 2*wearTick)
		w.wantFile(key, of(4), 1)
		if again := w.file(); again.ID == first.ID || !again.Begun.After(first.Begun) {
			t.Errorf("the file that was begun is %s of %v, the one before %s of %v", again.ID, again.Begun, first.ID, first.Begun)
		}
		w.wantLogged("sealing goes on", 0)
	})
}

// TestWearFileOfOthers is left alone, be it of another keystore or of a later program.
func TestWearFileOfOthers(t *testing.T) {
	foreign, err := keystore.AppendWear(nil, &keystore.Wear{ID: keystore.NewID(), Keystore: keystore.NewID(), Begun: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, text string
		data       []byte
		is         error
	}{
		{"another keystore", "foreign keystore: the wear file is of keystore ", foreign, keystore.ErrForeign},
		{"another version", "unknown wear file version 2", bytes.Replace(foreign, []byte("wear/v1"), []byte("wear/v2"), 1), keystore.ErrWearVersion},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorn(t)
				if err := w.wear.Store.Write(t.Context(), keystore.Digest{}, c.data); err != nil {
					t.Fatal(err)
				}
				r := w.ring()
				w.seal(r, 3)
				time.Sleep(10 * time.Minute)
				if got := wearOf(r, activeOf(t, r)); got.Messages != 3 {
					t.Errorf("the ring says %+v, want its own 3 messages", got)
				}
				r.Close()
				if got, _ := w.wear.Read(t.Context()); !bytes.Equal(got, c.data) {
					t.Errorf("the file is now %q", got)
				}
				w.wantLogged(c.text, 1)
				got, err := ReadWear(t.Context(), w.wear, r.ID())
				if got != nil || !errors.Is(err, c.is) || !strings.HasPrefix(err.Error(), "keyring: read wear: ") || !strings.Contains(err.Error(), c.text) {
					t.Errorf("ReadWear = %v, %v, want %v", got, err, c.is)
				}
			})
		})
	}
}

// TestDamagedWearFile is set aside where the store can do that, replaced where it cannot, and said to be so.
func TestDamagedWearFile(t *testing.T) {
	damaged := []byte("not a wear file\n")
	t.Run("in memory", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorn(t)
			if err := w.wear.Store.Write(t.Context(), keystore.Digest{}, damaged); err != nil {
				t.Fatal(err)
			}
			r := w.ring()
			time.Sleep(2 * wearTick)
			w.wantLogged("damaged wear file: it does not begin with", 1) // it was read
			w.seal(r, 3)
			time.Sleep(time.Minute)
			w.wantFile(activeOf(t, r), of(3), 1)
			w.wantLogged("the wear file is damaged and is replaced", 1)
		})
	})
	t.Run("a file", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorn(t)
			path := filepath.Join(t.TempDir(), "ks")
			if err := os.WriteFile(path+".wear", damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			w.wear.Store = keystore.NewFile(path).Beside(".wear")
			r := w.ring(func(o *Options) { o.Wear = w.wear.Store })
			w.seal(r, 3)
			r.Close()
			w.wantFile(r.Keys()[0].ID, of(3), 0)
			aside := path + ".wear.damaged-" + keystore.DigestOf(damaged).String()[:8]
			if got, err := os.ReadFile(aside); err != nil || !bytes.Equal(got, damaged) {
				t.Errorf("what was set aside is %q, %v", got, err)
			}
			w.wantLogged("the wear file is damaged and was set aside", 1)
			w.wantLogged(aside, 1)
		})
	})
	t.Run("a file in a directory that cannot be written", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorn(t)
			w.wear.Store = unmovable{w.wear.Store}
			if err := w.wear.Store.Write(t.Context(), keystore.Digest{}, damaged); err != nil {
				t.Fatal(err)
			}
			r := w.ring(func(o *Options) { o.Wear = w.wear.Store })
			w.seal(r, 3)
			time.Sleep(time.Minute)
			if got, _ := w.wear.Read(t.Context()); !bytes.Equal(got, damaged) {
				t.Errorf("what could not be set aside is now %q", got)
			}
			w.wantLogged("it cannot be renamed", 1)
		})
	})
	if _, err := ReadWear(t.Context(), unmovable{memoryOf(t, damaged)}, keystore.NewID()); !errors.Is(err, keystore.ErrWearDamaged) {
		t.Errorf("ReadWear = %v, want ErrWearDamaged", err)
	}
}

func TestReadWearWithoutAFile(t *testing.T) {
	if got, err := ReadWear(t.Context(), keystore.NewMemory(), keystore.NewID()); got != nil || err != nil {
		t.Errorf("ReadWear = %v, %v, want nothing", got, err)
	}
}

// silent is a store that answers when its caller gives up.
type silent struct{ keystore.Store }

func (silent) Read(ctx context.Context) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestCloseDoesNotWaitLongForWear, and a ring whose wear file hangs seals.
func TestCloseDoesNotWaitLongForWear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorn(t)
		r := w.ring(func(o *Options) { o.Wear = silent{} })
		w.seal(r, 3)
		time.Sleep(time.Minute)
		w.wantLogged("context deadline exceeded", 1)
		w.seal(r, 1)
		began := time.Now()
		r.Close()
		if took := time.Since(began); took != wearTimeout {
			t.Errorf("Close took %v, want %v", took, wearTimeout)
		}
		w.wantLogged("context deadline exceeded", 1) // it is the same cause
	})
}

// unstamped is a store that cannot say whether it has changed.
type unstamped struct{ keystore.Store }

func (unstamped) Stamp(context.Context) (string, error) { return "", errors.New("the stamp is lost") }

func TestWearOfAStoreWithoutItsStamp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorn(t)
		r := w.ring(func(o *Options) { o.Wear = unstamped{w.wear} })
		w.wantLogged("the stamp is lost", 1)
		w.seal(r, 3)
		r.Close()
		w.wantFile(r.Keys()[0].ID, of(3), 0)
	})
}

// TestWearUnderAnImpossibleClock: what has no spelling in the file is not written, and the ring seals.
func TestWearUnderAnImpossibleClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorn(t)
		r := w.ring(func(o *Options) { o.Clock = func() time.Time { return time.Now().AddDate(8000, 0, 0) } })
		w.seal(r, 3)
		time.Sleep(2 * wearTick)
		w.wantLogged("keystore: cannot write a wear file: begun: the year 10000 is not 1970 to 9999", 1)
		if w.wear.written() != 0 {
			t.Errorf("%d writes", w.wear.written())
		}
	})
}

func TestLimitsOfSuites(t *testing.T) {
	for suite, want := range map[uint8]Count{1: {1 << 45, 1 << 52}, 2: {1 << 32, 1 << 52}, 0: {}, 128: {}} {
		if messages, bytes := Limits(suite); messages != want.Messages || bytes != want.Bytes {
			t.Errorf("suite %d: %d messages and %d bytes, want %+v", suite, messages, bytes, want)
		}
	}
	messages, bytes := Limits(uint8(sealingSuite))
	if n := (Count{messages, bytes}).plus(largestLease); n.exceeds(Count{keystore.MaxWear / 2, keystore.MaxWear * 3 / 4}) {
		t.Errorf("a wear file, which ends at %d, has little room above %+v", uint64(keystore.MaxWear), n)
	}
}
