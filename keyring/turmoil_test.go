package keyring_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// turmoil is a keystore of which operators change the members, while servers that share it pay, and KEKs come and go.
type turmoil struct {
	*testing.T
	rand    *rand.Rand
	store   *keystore.Memory
	engines []*engine
	members []string // of the last rewrap or new root
}

// laggard is an engine that takes its time, so that what others do meanwhile is in between.
type laggard struct {
	*engine
	takes time.Duration
}

func (l *laggard) lag(ctx context.Context) error {
	select {
	case <-time.After(l.takes):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *laggard) Encrypt(ctx context.Context, plaintext []byte, o ...wrapping.Option) (*wrapping.BlobInfo, error) {
	if err := l.lag(ctx); err != nil {
		return nil, err
	}
	return l.engine.Encrypt(ctx, plaintext, o...)
}

func (l *laggard) Decrypt(ctx context.Context, blob *wrapping.BlobInfo, o ...wrapping.Option) ([]byte, error) {
	if err := l.lag(ctx); err != nil {
		return nil, err
	}
	return l.engine.Decrypt(ctx, blob, o...)
}

// some returns three or more of the KEKs, as a config would: test.0 and test.1 open alone, test.2 to test.5 are officers.
func (u *turmoil) some() []*wrappers.KEK {
	var keks []*wrappers.KEK
	for _, i := range u.rand.Perm(len(u.engines))[:3+u.rand.IntN(4)] {
		keks = append(keks, u.kek(i))
	}
	return keks
}

func (u *turmoil) all() []*wrappers.KEK {
	var keks []*wrappers.KEK
	for i := range u.engines {
		keks = append(keks, u.kek(i))
	}
	return keks
}

func (u *turmoil) kek(i int) *wrappers.KEK {
	o := &wrappers.Options{Provider: "test", Name: fmt.Sprint(i), Attempts: 1, CallsPerMinute: -1}
	if i > 1 {
		o.Group = "officers"
	}
	k, err := wrappers.New(&laggard{u.engines[i], time.Duration(u.rand.IntN(5000)) * time.Millisecond}, o)
	if err != nil {
		u.Fatal(err)
	}
	return k
}

// outage has some of the KEKs fail, or none.
func (u *turmoil) outage() {
	for _, e := range u.engines {
		e.fail([]wrappers.Class{0, 0, 0, wrappers.Later, wrappers.Ask}[u.rand.IntN(5)])
	}
}

// check looks at what the store has: every member has a stanza or is owed one, and nobody else is; and it opens.
func (u *turmoil) check(msg []byte) {
	for _, e := range u.engines {
		e.fail(0)
	}
	c := contents(u, u.store)
	known := make(map[string]bool)
	for _, s := range c.Stanzas {
		known[s.KEK] = true
	}
	for _, o := range c.Owed {
		known[o.KEK] = true
	}
	if got := slices.Sorted(maps.Keys(known)); !slices.Equal(got, u.members) {
		u.Fatalf("generation %d is of %v, want %v", c.Generation, got, u.members)
	}
	o, _ := u.options()
	o.PayInterval = -1
	r, err := keyring.Load(u.Context(), u.store, u.all(), o)
	if err != nil {
		u.Fatalf("generation %d: %v", c.Generation, err)
	}
	defer r.Close()
	mustOpen(u, r, msg, "x")
	report, err := r.Verify(u.Context())
	if err != nil {
		u.Fatal(err)
	}
	for _, k := range report.KEKs {
		if known[k.KEK] && k.Err != nil {
			u.Fatalf("generation %d: %+v", c.Generation, k)
		}
	}
}

func (u *turmoil) options() (*keyring.Options, *logged) {
	o, log := following()
	o.Groups = map[string]int{"officers": 2}
	return o, log
}

// TestNothingIsLostInTurmoil: whatever operators and servers do at the same time while KEKs come and go, every member has a
// stanza or a debt, who was removed has neither, no two splits are mixed, and the keystore opens.
func TestNothingIsLostInTurmoil(t *testing.T) {
	changes, payments := 0, 0
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			u := &turmoil{T: t, rand: rand.New(rand.NewPCG(seed, 0)), store: keystore.NewMemory()}
			for range 6 {
				u.engines = append(u.engines, newEngine(t))
			}
			rings, logs := u.servers()
			msg := seal(t, rings[0], "x")
			for range 12 {
				u.outage()
				if u.change(rings[u.rand.IntN(len(rings))]) {
					changes++
				}
				u.check(msg)
				time.Sleep(time.Duration(u.rand.IntN(300)) * time.Second) // payments are under way, and go on during the next change
				u.check(msg)
			}
			for i, r := range rings {
				r.Close()
				payments += logs[i].count("a debt is paid")
			}
		})
	}
	if changes < 50 || payments < 5 {
		t.Errorf("%d changes and %d payments, which shows little", changes, payments)
	}
}

// servers returns rings that share a new keystore of all KEKs.
func (u *turmoil) servers() (rings []*keyring.Ring, logs []*logged) {
	o, log := u.options()
	r, err := keyring.Create(u.Context(), u.store, u.all(), o)
	if err != nil {
		u.Fatal(err)
	}
	u.Cleanup(func() { r.Close() })
	rings, logs, u.members = append(rings, r), append(logs, log), idsOf(u.all())
	for range 3 {
		o, log := u.options()
		rings, logs = append(rings, load(u, u.store, o, u.all()...)), append(logs, log)
	}
	return rings, logs
}

// change is an operator's: other members, and perhaps a new root for them. It reports whether there are.
func (u *turmoil) change(r *keyring.Ring) bool {
	keks := u.some()
	if _, err := r.Rewrap(u.Context(), keks...); err != nil {
		return false // too many are down, or a payment was faster
	}
	u.members = idsOf(keks)
	if u.rand.IntN(2) == 0 {
		r.RotateRoot(u.Context()) // may fail for the same reasons, and then has changed nothing
	}
	return true
}

func idsOf(keks []*wrappers.KEK) []string {
	var ids []string
	for _, k := range keks {
		ids = append(ids, k.ID())
	}
	slices.Sort(ids)
	return ids
}
