package keyring_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// world is a keystore with one key, the subject, in the state that a row of the table is for, and others beside it.
type world struct {
	row, variant string
	data         []byte      // what the store has
	keystore     keystore.ID // whose ID this is
	subject      keystore.ID
	sealed       [][]byte // a message of each key that has sealed and opens
	engine       *engine
	kek          *wrappers.KEK // of the engine
	now          time.Time
	leases       int // that were set
}

// variants are what the rows of the table do not distinguish.
func variants(row string) []string {
	var all []string
	dates, causes := []string{""}, []string{""}
	if strings.HasPrefix(row, "prepublished") {
		dates = []string{"without a date", "with a date"}
	}
	if strings.HasSuffix(row, "-broken") {
		causes = []string{", of an unknown suite", ", does not open"}
	}
	for _, date := range dates {
		for _, cause := range causes {
			all = append(all, date+cause)
		}
	}
	return all
}

func newWorld(t *testing.T, row, variant string) *world {
	t.Helper()
	w := &world{row: row, variant: variant, engine: newEngine(t), now: retirement, subject: keystore.NewID()}
	w.kek = w.engine.kek(t, "a")
	store, o := keystore.NewMemory(), w.options()
	o.Lease = time.Minute
	r, err := keyring.Create(t.Context(), store, keks(w.kek), o)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	w.keystore = r.ID()
	w.sealed = append(w.sealed, seal(t, r, "x"))
	w.rotate(t, r) // so that one is retired, of which there is a message
	w.sealed = append(w.sealed, seal(t, r, "x"))
	if row != "absent" {
		w.lead(t, r)
	}
	w.now = w.now.Add(time.Hour)
	if w.data, err = store.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) options() *keyring.Options {
	o := home()
	o.Clock = func() time.Time { return w.now }
	return o
}

// census is one that allows to destroy the subject.
func (w *world) census() *keyring.Census {
	begun := w.now.Add(-time.Minute)
	return &keyring.Census{Keystore: w.keystore, Begun: begun, Ended: begun.Add(time.Second), Sources: []string{"dir:/data"}}
}

func (w *world) rotate(t *testing.T, r *keyring.Ring) {
	t.Helper()
	if _, err := r.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// broken reports whether the subject cannot be used.
func (w *world) broken() bool { return strings.HasSuffix(w.row, "-broken") }

// lead takes the subject from its birth to where it shall be.
func (w *world) lead(t *testing.T, r *keyring.Ring) {
	t.Helper()
	var plan time.Time
	if strings.HasPrefix(w.variant, "with a date") {
		plan = w.now.Add(24 * time.Hour)
	}
	var err error
	if w.subject, err = r.Prepublish(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	switch word := strings.TrimSuffix(strings.TrimSuffix(w.row, "-broken"), "!"); word {
	case "active":
		w.use(t, r)
	case "retired":
		w.use(t, r)
		w.rotate(t, r)
	case "unborn":
		err = r.Withdraw(t.Context(), w.subject)
	case "destroyed":
		err = r.Withdraw(t.Context(), w.subject)
		w.now = w.now.Add(time.Hour)
		if err == nil {
			err = r.Destroy(t.Context(), w.subject, w.census())
		}
	}
	if err == nil {
		err = r.WriteBeside(t.Context(), w.spoil)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// use activates the subject, and seals with it.
func (w *world) use(t *testing.T, r *keyring.Ring) {
	t.Helper()
	if err := r.Activate(t.Context(), w.subject); err != nil {
		t.Fatal(err)
	}
	if msg := seal(t, r, "x"); !w.broken() {
		w.sealed = append(w.sealed, msg)
	}
}

// spoil does to the subject what no ring does.
func (w *world) spoil(c *keystore.Contents) {
	k := c.Find(w.subject)
	k.Compromised = strings.Contains(w.row, "!")
	switch {
	case !w.broken():
	case strings.HasSuffix(w.variant, "of an unknown suite"):
		k.Suite = 0x7f
	default:
		k.SealedDEK = bytes.Clone(k.SealedDEK)
		k.SealedDEK[40] ^= 1
	}
}

// deeds are what can be done to the subject, or beside it, by the columns of the table.
var deeds = map[string]func(w *world, r *keyring.Ring) error{
	"rotate":     func(_ *world, r *keyring.Ring) error { return second(r.Rotate(context.Background())) },
	"new-root":   func(_ *world, r *keyring.Ring) error { return second(r.RotateRoot(context.Background())) },
	"prepublish": func(_ *world, r *keyring.Ring) error { return second(r.Prepublish(context.Background(), time.Time{})) },
	"date": func(w *world, r *keyring.Ring) error {
		return second(r.Prepublish(context.Background(), w.now.Add(time.Hour)))
	},
	"activate": func(w *world, r *keyring.Ring) error { return r.Activate(context.Background(), w.subject) },
	"withdraw": func(w *world, r *keyring.Ring) error { return r.Withdraw(context.Background(), w.subject) },
	"mark":     func(w *world, r *keyring.Ring) error { return r.MarkCompromised(context.Background(), w.subject) },
	"destroy":  func(w *world, r *keyring.Ring) error { return r.Destroy(context.Background(), w.subject, w.census()) },
	"force":    func(w *world, r *keyring.Ring) error { return r.DestroyForced(context.Background(), w.subject, nil) },
	"rewrap":   func(w *world, r *keyring.Ring) error { return second(r.Rewrap(context.Background(), w.kek)) },
	"lease": func(w *world, r *keyring.Ring) error {
		w.leases++ // always another one
		return r.SetLease(context.Background(), time.Minute+time.Duration(w.leases)*time.Second)
	},
}

func second[T any](_ T, err error) error { return err }
