package transit

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/transit"
)

// vaultKEK is a KEK "transit.eu" with the attempts and the patience that a test gives it.
func vaultKEK(t testing.TB, c transit.Config, o wrappers.Options) *wrappers.KEK {
	t.Helper()
	o.Provider, o.Name = "transit", "eu"
	k, err := wrappers.New(newWrapper(t, c), &o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

// Each error says which KEK and which key it is about, and what to do.
func TestLoadWithVaultInTrouble(t *testing.T) {
	s, store := start(t), newStore(t)
	create(t, store, vaultKEK(t, config(s), wrappers.Options{}))
	for _, c := range []struct {
		name    string
		disturb func()
		class   wrappers.Class
		calls   int // of two attempts
		next    string
	}{
		{"sealed", s.Seal, wrappers.Later, 2, "Vault is sealed; unseal the Vault"},
		{"denied", func() { s.Deny("decrypt") }, wrappers.Ask, 1, `path "transit/decrypt/app" { capabilities = ["update"] }`},
		{"silent", func() { s.Hang() }, wrappers.Later, 2, "no answer within 200ms: context deadline exceeded; check that a Vault answers at " + s.URL},
		{"rate limit", func() { s.Throttle(2) }, wrappers.Later, 2, "429: rate limit quota exceeded; raise the rate limit quota"},
		{"error", func() { s.Fail(2) }, wrappers.Later, 2, "500: internal error; try again"},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer s.Restore()
			c.disturb()
			k := vaultKEK(t, config(s), wrappers.Options{Timeout: 200 * time.Millisecond, Attempts: 2})
			wantCalls(t, s, "Load", calls{"decrypt": c.calls}, func() {
				err := loadError(t, 2*time.Second, store, k)
				wantError(t, err, c.class, contents(t, store).ID.String(), "transit.eu", "key transit/keys/app", c.next)
			})
			s.Restore()
			load(t, store, k)
		})
	}
}

func TestLoadWithNobodyListening(t *testing.T) {
	s, store := start(t), newStore(t)
	create(t, store, vaultKEK(t, config(s), wrappers.Options{}))
	gone := config(s)
	gone.Address = "http://" + freeAddress(t)
	err := loadError(t, 3*time.Second, store, vaultKEK(t, gone, wrappers.Options{}))
	wantError(t, err, wrappers.Later, "transit.eu", "key transit/keys/app", "connection refused", "check that a Vault answers at "+gone.Address)
}

// freeAddress returns a loopback address on which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// A Vault that is away for a moment costs a start a retry, and no more.
func TestLoadOutlivesARestart(t *testing.T) {
	s, store := start(t), newStore(t)
	create(t, store, newKEK(t, config(s)))
	for name, disturb := range map[string]func(){"error": func() { s.Fail(1) }, "cut": func() { s.Cut(1) }} {
		t.Run(name, func(t *testing.T) {
			k, err := wrappers.New(newWrapper(t, config(s)), nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { k.Close() })
			disturb()
			wantCalls(t, s, "Load", calls{"decrypt": 2}, func() { load(t, store, k) })
		})
	}
}

// The deadline of the caller holds, whatever the KEK's own patience.
func TestLoadObeysTheCallersDeadline(t *testing.T) {
	s, store := start(t), newStore(t)
	create(t, store, vaultKEK(t, config(s), wrappers.Options{}))
	k := vaultKEK(t, config(s), wrappers.Options{})
	before := goleak.IgnoreCurrent()
	s.Hang()
	const patience = 100 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	began := time.Now()
	_, err := keyring.Load(ctx, store, []*wrappers.KEK{k}, home())
	wantError(t, err, wrappers.Later, "transit.eu", "deadline exceeded")
	if took := time.Since(began); took < patience || took > patience+time.Second {
		t.Errorf("Load took %v, want about %v", took, patience)
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	leavesNothing(t, before)
}

func leavesNothing(t *testing.T, before goleak.Option) {
	t.Helper()
	goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("net/http.(*conn).serve")) // the server is in this process
}

func TestHedgedStart(t *testing.T) {
	s, store := start(t), newStore(t)
	near := newLocal(t, wrappers.Options{})
	far := vaultKEK(t, config(s), wrappers.Options{})
	msg := seal(t, create(t, store, far, near), "x")
	before := goleak.IgnoreCurrent()

	s.Hang()
	const delay = 100 * time.Millisecond
	o := home()
	o.HedgeDelay = delay
	began := time.Now()
	wantCalls(t, s, "Load", calls{"decrypt": 1}, func() {
		r, err := keyring.Load(t.Context(), store, []*wrappers.KEK{far, near}, o)
		took := time.Since(began)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		wantMessage(t, r, msg, "x")
		if took < delay || took > delay+time.Second {
			t.Errorf("Load took %v, want about the hedge delay of %v", took, delay)
		}
	})
	if err := far.Close(); err != nil {
		t.Fatal(err)
	}
	leavesNothing(t, before)
}

// A Vault that refuses at once is not waited for.
func TestARefusalStartsTheNextKEK(t *testing.T) {
	s, store := start(t), newStore(t)
	near, far := newLocal(t, wrappers.Options{}), newKEK(t, config(s))
	create(t, store, far, near)
	s.Deny()
	o := home()
	o.HedgeDelay = time.Minute
	r, err := keyring.Load(t.Context(), store, []*wrappers.KEK{far, near}, o)
	opened(t, r, err)
}

func TestCreateWithVaultInTrouble(t *testing.T) {
	s, store := start(t), newStore(t)
	far := newKEK(t, config(s))
	s.Seal()
	_, err := keyring.Create(t.Context(), store, []*wrappers.KEK{far}, home())
	wantError(t, err, wrappers.Later, "none wrapped the root", "wrap with transit", "unseal the Vault")
	if !errors.Is(err, keyring.ErrNoKEK) {
		t.Errorf("got error %v, want %v", err, keyring.ErrNoKEK)
	}
	create(t, store, far, newLocal(t, wrappers.Options{})) // which would fail if the refused one had written
	if owed := contents(t, store).Owed; len(owed) != 1 || owed[0].KEK != far.ID() {
		t.Errorf("owed: got %v, want %s", owed, far.ID())
	}
}
