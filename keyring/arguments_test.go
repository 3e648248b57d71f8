package keyring_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

func TestRefusedArguments(t *testing.T) {
	store, e := keystore.NewMemory(), newEngine(t)
	create(t, store, e.kek(t, "a"))
	calls := e.encrypts.Load() + e.decrypts.Load()
	officer := e.kek(t, "a", func(o *wrappers.Options) { o.Group = "officers" })
	for _, c := range []struct {
		name  string
		store keystore.Store
		keks  []*wrappers.KEK
		opts  keyring.Options
		text  string
	}{
		{"no store", nil, keks(e.kek(t, "a")), keyring.Options{}, "no store"},
		{"a nil KEK", store, keks(e.kek(t, "a"), nil), keyring.Options{}, "KEK 1 is nil"},
		{"two KEKs of a name", store, keks(e.kek(t, "a"), e.kek(t, "a")), keyring.Options{}, "two KEKs are called test.a"},
		{"a KEK of no declared group", store, keks(officer), keyring.Options{}, `test.a is of group "officers", which Options.Groups does not have`},
		{"the default group", store, keks(e.kek(t, "a")), keyring.Options{Groups: map[string]int{"any": 1}}, `"any", which is that of KEKs without a group`},
		{"a group without a name", store, keks(officer), keyring.Options{Groups: map[string]int{"": 1}}, `"" is not a name`},
		{"a group with a long name", store, keks(officer), keyring.Options{Groups: map[string]int{"abcdefghijklmnopqrstuvwxy": 1}}, "is not a name: 1 to 24"},
		{"a threshold of 0", store, keks(officer), keyring.Options{Groups: map[string]int{"officers": 0}}, "the threshold 0, want 1 to 255"},
		{"a threshold of 256", store, keks(officer), keyring.Options{Groups: map[string]int{"officers": 256}}, "the threshold 256, want 1 to 255"},
		{"an empty pin", store, keks(e.kek(t, "a")), keyring.Options{Identity: ed25519.PublicKey{}}, "0 bytes"},
		{"a short pin", store, keks(e.kek(t, "a")), keyring.Options{Identity: make(ed25519.PublicKey, 31)}, "31 bytes"},
		{"a negative lease", store, keks(e.kek(t, "a")), keyring.Options{Lease: -time.Second}, "-1s"},
		{"a lease of half a second", store, keks(e.kek(t, "a")), keyring.Options{Lease: time.Second / 2}, "500ms"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.opts.Cluster, c.opts.Region = "prod", "emea"
			_, createErr := keyring.Create(t.Context(), c.store, c.keks, &c.opts)
			_, loadErr := keyring.Load(t.Context(), c.store, c.keks, &c.opts)
			_, verifyErr := keyring.Verify(t.Context(), c.store, c.keks, &c.opts)
			for _, err := range []error{createErr, loadErr, verifyErr} {
				if err == nil || !strings.Contains(err.Error(), c.text) {
					t.Errorf("error %v does not say %q", err, c.text)
				}
			}
		})
	}
	if got := e.encrypts.Load() + e.decrypts.Load(); got != calls {
		t.Error("a KEK was called before the arguments were checked")
	}
	r := load(t, store, home(), e.kek(t, "a"))
	if _, err := r.Rewrap(t.Context(), e.kek(t, "a"), e.kek(t, "a")); err == nil || !strings.Contains(err.Error(), "two KEKs") {
		t.Errorf("Rewrap: %v", err)
	}
}

func TestTheCallerCannotChangeWhatTheRingHolds(t *testing.T) {
	store, e, other := keystore.NewMemory(), newEngine(t), newEngine(t)
	set := keks(e.kek(t, "a"))
	r := create(t, store, set...)
	set[0] = other.kek(t, "other")
	rand.Read(r.Seen().Identity)
	if _, err := r.Rotate(t.Context()); err != nil {
		t.Error(err)
	}
	o := home()
	o.Identity = r.Seen().Identity
	again := load(t, store, o, e.kek(t, "a"))
	rand.Read(o.Identity)
	if err := again.Refresh(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestVerifyRequiresThePin(t *testing.T) {
	store, e := keystore.NewMemory(), newEngine(t)
	e.pinned = true
	r := create(t, store, e.kek(t, "public"))
	report, err := keyring.Verify(t.Context(), store, keks(e.kek(t, "public")), home())
	if err != nil || report.OK() || report.Proven() || !errors.Is(report.KEKs[0].Err, keyring.ErrPinRequired) {
		t.Errorf("without a pin: %+v, %v", report, err)
	}
	o := home()
	o.Identity = r.Seen().Identity
	if report, err = keyring.Verify(t.Context(), store, keks(e.kek(t, "public")), o); err != nil || !report.OK() {
		t.Errorf("with a pin: %+v, %v", report, err)
	}
}

func TestRotateWantsAKEKThatWasSeenToOpen(t *testing.T) {
	store, a, b := keystore.NewMemory(), newEngine(t), newEngine(t)
	create(t, store, a.kek(t, "a"), b.kek(t, "b"))
	b.fail(wrappers.Later)
	r := load(t, store, home(), a.kek(t, "a", inactive), b.kek(t, "b"))
	_, err := r.Rotate(t.Context())
	wantError(t, err, keyring.ErrNoKEK, "keyring rewrap")
	b.fail(0)
	if _, err := r.Rewrap(t.Context(), b.kek(t, "b")); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Rotate(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAnActiveKEKIsAskedFirst(t *testing.T) {
	store, a, b := keystore.NewMemory(), newEngine(t), newEngine(t)
	create(t, store, a.kek(t, "a"), b.kek(t, "b"))
	asked := a.decrypts.Load()
	r := load(t, store, home(), a.kek(t, "a", inactive), b.kek(t, "b"))
	if a.decrypts.Load() != asked {
		t.Error("the inactive KEK was asked although an active one answers")
	}
	if _, err := r.Rotate(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestPeopleAreAskedOneAfterTheOther: they have one terminal.
func TestPeopleAreAskedOneAfterTheOther(t *testing.T) {
	var asking, most atomic.Int32
	person := func(name string) *wrappers.KEK {
		k, err := wrappers.New(&personEngine{newEngine(t), &asking, &most}, &wrappers.Options{Provider: "test", Name: name})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { k.Close() })
		return k
	}
	r := create(t, keystore.NewMemory(), person("a"), person("b"), person("c"))
	report, err := r.Verify(t.Context())
	if err != nil || !report.OK() || most.Load() != 1 {
		t.Errorf("OK %v, %v; %d were asked at once", report.OK(), err, most.Load())
	}
}

// personEngine is an engine that asks somebody, and counts how many are asked at once.
type personEngine struct {
	*engine
	asking, most *atomic.Int32
}

func (p *personEngine) WaitsForPerson() bool { return true }

func (p *personEngine) ask() {
	n := p.asking.Add(1)
	for old := p.most.Load(); n > old && !p.most.CompareAndSwap(old, n); old = p.most.Load() {
	}
	for range 1000 {
		runtime.Gosched() // long enough for another to begin
	}
	p.asking.Add(-1)
}

func (p *personEngine) Encrypt(ctx context.Context, b []byte, o ...wrapping.Option) (*wrapping.BlobInfo, error) {
	p.ask()
	return p.engine.Encrypt(ctx, b, o...)
}

func (p *personEngine) Decrypt(ctx context.Context, i *wrapping.BlobInfo, o ...wrapping.Option) ([]byte, error) {
	p.ask()
	return p.engine.Decrypt(ctx, i, o...)
}

func TestOwed(t *testing.T) {
	store, a, b := keystore.NewMemory(), newEngine(t), newEngine(t)
	b.fail(wrappers.Later)
	r := create(t, store, a.kek(t, "a"), b.kek(t, "b"))
	if owed := r.Owed(); len(owed) != 1 || owed[0].KEK != "test.b" {
		t.Errorf("owed: %+v", owed)
	}
	b.fail(0)
	if _, err := r.Rewrap(t.Context(), a.kek(t, "a"), b.kek(t, "b")); err != nil || len(r.Owed()) != 0 {
		t.Errorf("after a rewrap: %v, owed %+v", err, r.Owed())
	}
}

func TestRemovalOfThePreviousGenerationSurvivesTheCallersContext(t *testing.T) {
	store, e := &previousStore{Memory: keystore.NewMemory()}, newEngine(t)
	r := create(t, store, e.kek(t, "a"))
	ctx, cancel := context.WithCancel(t.Context())
	store.onRemove = func(ctx context.Context) error { return ctx.Err() }
	store.onWrite = cancel
	if _, err := r.Rewrap(ctx, e.kek(t, "a")); err != nil || store.removed != 1 {
		t.Errorf("Rewrap: %v, removed %d times", err, store.removed)
	}
}
