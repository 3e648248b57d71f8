package discovery_test

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/discovery"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
	"github.com/sealwax/sealwax/wrappers/local"
)

// A policy is what the processes of a world have in common.
type policy struct {
	name               string
	days               int // that the world goes on for
	period, prepublish time.Duration
	lead               time.Duration // that of a rotation which is late
	refresh, lease     time.Duration
	skew, lifetime     time.Duration
}

var policies = []policy{
	{"prepublication is the lead", 365, 240 * time.Hour, 40 * time.Minute, 40 * time.Minute, 10 * time.Minute, 30 * time.Minute, 5 * time.Minute, 6 * time.Hour},
	{"a late rotation has a shorter lead", 90, 48 * time.Hour, 6 * time.Hour, 864 * time.Second, 2 * time.Minute, 10 * time.Minute, 10 * time.Second, 70 * time.Hour},
}

// A process signs and publishes, by a clock of its own and over a connection to the store that can be cut.
type process struct {
	*keystore.Memory
	ring      *keyring.Ring
	publisher *discovery.Publisher
	ahead     time.Duration
	cut       atomic.Pointer[time.Time] // until then; the ring's own goroutine asks too
}

func (p *process) now() time.Time { return time.Now().Add(p.ahead) }

func (p *process) isCut() bool {
	until := p.cut.Load()
	return until != nil && time.Now().Before(*until)
}

var errCut = errors.New("no connection to the store")

func (p *process) Read(ctx context.Context) ([]byte, error) {
	if p.isCut() {
		return nil, errCut
	}
	return p.Memory.Read(ctx)
}

func (p *process) Stamp(ctx context.Context) (string, error) {
	if p.isCut() {
		return "", errCut
	}
	return p.Memory.Stamp(ctx)
}

// A fetched set is what verifiers have copies of.
type fetched struct {
	keys  map[string]crypto.PublicKey
	by    int       // the process that gave the copy which may be kept longest
	at    time.Time // when it gave it
	until time.Time // how long it may be kept
}

// world is all processes, the copies that verifiers may still use, and of each key when its last token expires.
type world struct {
	*testing.T
	policy
	random    *rand.Rand
	processes []*process
	copies    map[string]*fetched // by their ETags
	expires   map[string]time.Time
	busy      time.Time // until then a moment may matter
	checked   int
}

// TestEveryTokenVerifiesWithEveryCopy lives through a year of three processes, whose clocks are apart and which now and
// then do not reach their store, while keys are replaced by a period; sometimes nobody is there to do so for days. At
// every moment each of them signs, and what it signs must verify with every copy of the set that anybody was given by
// any process and may still keep; and with every set that is given out, each token that lives.
func TestEveryTokenVerifiesWithEveryCopy(t *testing.T) {
	for _, p := range policies {
		t.Run(p.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				seed := rand.Uint64()
				w := newWorld(t, p, rand.New(rand.NewPCG(seed, 0)))
				defer w.close()
				for end := time.Now().AddDate(0, 0, p.days); time.Now().Before(end) && !t.Failed(); {
					w.fetch()
					w.sign()
					w.rotate()
					w.sign()
					w.disturb()
					w.pass()
				}
				keys := len(w.processes[0].ring.Keys())
				if !t.Failed() && (w.checked < 1e4 || keys < 30) {
					t.Errorf("%d tokens were checked, and there are %d keys: it was too quiet", w.checked, keys)
				}
				t.Logf("seed %d: %d keys, %d checks of a token with a copy", seed, keys, w.checked)
			})
		})
	}
}

func newWorld(t *testing.T, v policy, random *rand.Rand) *world {
	w := &world{T: t, policy: v, random: random, copies: make(map[string]*fetched), expires: make(map[string]time.Time)}
	store, key := keystore.NewMemory(), make([]byte, 32)
	for i, ahead := range []time.Duration{0, v.skew / 2, -v.skew / 2} {
		p := &process{Memory: store, ahead: ahead}
		o := &keyring.Options{Cluster: "prod", Region: "eu", RefreshInterval: v.refresh, Lease: v.lease, ClockSkew: v.skew, Clock: p.now,
			Rotation: keyring.Rotation{Period: v.period, Prepublish: v.prepublish}, Signing: keyring.Signing{Algorithms: []string{"EdDSA"}}}
		p.ring = open(t, i == 0, p, kek(t, key), o)
		var err error
		p.publisher, err = discovery.New(p.ring, &discovery.Options{TokenLifetime: v.lifetime, Lease: v.lease, ClockSkew: v.skew, Clock: p.now})
		if err != nil {
			t.Fatal(err)
		}
		w.processes = append(w.processes, p)
	}
	return w
}

func open(t *testing.T, first bool, store keystore.Store, kek *wrappers.KEK, o *keyring.Options) *keyring.Ring {
	t.Helper()
	var ring *keyring.Ring
	var err error
	if first {
		ring, err = keyring.Create(t.Context(), store, []*wrappers.KEK{kek}, o)
	} else {
		ring, err = keyring.Load(t.Context(), store, []*wrappers.KEK{kek}, o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func kek(t *testing.T, key []byte) *wrappers.KEK {
	t.Helper()
	engine, err := local.New(key)
	if err != nil {
		t.Fatal(err)
	}
	k, err := wrappers.New(engine, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

func (w *world) close() {
	for _, p := range w.processes {
		p.ring.Close()
	}
}

// fetch has every process asked for the set. What may not be kept is used at once and no more.
func (w *world) fetch() {
	maps.DeleteFunc(w.copies, func(_ string, f *fetched) bool { return !time.Now().Before(f.until) })
	for i, p := range w.processes {
		answer := httptest.NewRecorder()
		p.publisher.JWKS(answer, httptest.NewRequest(http.MethodGet, "/", nil))
		var seconds int64
		if _, err := fmt.Sscanf(answer.Header().Get("Cache-Control"), "public, max-age=%d, must-revalidate", &seconds); err != nil {
			w.Fatalf("%d %s: %v", answer.Code, answer.Body, err)
		}
		tag := answer.Header().Get("ETag")
		f := w.copies[tag]
		if f == nil {
			f = &fetched{keys: keysOf(w.T, answer.Body.Bytes())}
		}
		w.wantLiving(p, f)
		if until := time.Now().Add(time.Duration(seconds) * time.Second); until.After(time.Now()) && until.After(f.until) {
			f.by, f.at, f.until, w.copies[tag] = i, time.Now(), until, f
		}
	}
}

func keysOf(t *testing.T, document []byte) map[string]crypto.PublicKey {
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(document, &set); err != nil {
		t.Fatalf("%s: %v", document, err)
	}
	keys := make(map[string]crypto.PublicKey)
	for _, k := range set.Keys {
		keys[k.KeyID] = k.Key
	}
	return keys
}

// wantLiving wants a key in f for every token that lives, if the process can know of it.
func (w *world) wantLiving(p *process, f *fetched) {
	for kid, end := range w.expires {
		if time.Now().Before(end) && f.keys[kid] == nil && time.Since(p.ring.Refreshed()) < w.lead-w.skew {
			w.Errorf("%s: a token of %s lives until %v, and what a process publishes has not got the key", time.Now(), kid, end)
		}
	}
}

// sign has every process sign, and verifies with every copy.
func (w *world) sign() {
	for i, p := range w.processes {
		signer, err := p.ring.Signer()
		if errors.Is(err, keyring.ErrStale) {
			continue
		}
		if err != nil {
			w.Fatal(err)
		}
		w.expires[signer.KID()] = p.now().Add(w.lifetime)
		for _, f := range w.copies {
			w.checked++
			if k, ok := f.keys[signer.KID()]; !ok || !signer.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(k) {
				w.Errorf("%s: process %d signs with %s, which the copy that process %d gave out at %v, to be kept until %v, has not got",
					time.Now(), i, signer.KID(), f.by, f.at, f.until)
				return
			}
		}
	}
}

// rotate has one of the processes do what is due, if it reaches the store and somebody is there.
func (w *world) rotate() {
	p := w.processes[w.random.IntN(len(w.processes))]
	if w.away() || p.isCut() {
		return
	}
	m, err := p.ring.MaintainOnce(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	switch soon := p.now().Add(time.Hour); {
	case !m.Prepublished.IsZero(), !m.Activated.IsZero():
		w.busy = time.Now().Add(min(2*w.prepublish, 2*time.Hour))
	case m.Schedule.Next.Before(soon), m.Schedule.Key.IsZero() && m.Schedule.NextPrepublish.Before(soon):
		w.busy = time.Now().Add(2 * time.Minute)
	}
}

// away reports whether nobody is there to rotate: during three days of each month, which a rotation often falls into.
func (w *world) away() bool { return time.Now().YearDay()%30 < 3 }

// disturb cuts a process from the store, now and then.
func (w *world) disturb() {
	if w.random.IntN(50) == 0 {
		p := w.processes[w.random.IntN(len(w.processes))]
		until := time.Now().Add(time.Duration(w.random.Int64N(int64(2 * time.Hour))))
		p.cut.Store(&until)
	}
}

// pass lets time pass: seconds around what matters, and hours else.
func (w *world) pass() {
	most := time.Hour
	if time.Now().Before(w.busy) {
		most = 30 * time.Second
	}
	time.Sleep(time.Duration(w.random.Int64N(int64(most))))
	synctest.Wait()
}
