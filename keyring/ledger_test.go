package keyring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/sealwax/sealwax/keystore"
)

// This model has a few rings share a wear file: they seal, hand in, are killed, closed and paused, while writes
// conflict, lose their answers and fail, leases run out, and the file is lost or damaged.

// weigher is a ring of the model: a counter, and what it is told to have sealed.
type weigher struct {
	counter
	sealed  map[keystore.ID]Count
	active  keystore.ID
	vouched map[keystore.ID]Count // of what it has sealed, as much as the file stands for since it last wrote
	eye     *eye
}

// eye is the store as one ring of the model sees it.
type eye struct {
	*wearModel
	blind bool // it can neither read nor write
	dims  bool // it will be blind when the outcome of a write is unknown
}

func (e *eye) Read(ctx context.Context) ([]byte, error) {
	if e.blind {
		return nil, errMishap
	}
	return e.wearModel.Read(ctx)
}

func (e *eye) Write(ctx context.Context, prev keystore.Digest, data []byte) error {
	err := e.wearModel.Write(ctx, prev, data)
	e.blind = e.dims && errors.Is(err, keystore.ErrOutcomeUnknown)
	return err
}

// mishap is what becomes of the next write.
type mishap string

const (
	fine      mishap = "fine"
	conflicts mishap = "conflicts"   // somebody else is faster
	refused   mishap = "refused"     // and not written
	unheard   mishap = "unheard"     // written, and nobody is told
	unwritten mishap = "not written" // and nobody is told
)

// wearModel is the store of the model and its rings.
type wearModel struct {
	*keystore.Memory
	lost    int // how often another Memory took its place
	next    mishap
	beside  func() // what somebody else does before a write that conflicts
	keys    []keystore.ID
	rings   []*weigher            // those that run
	gone    map[keystore.ID]Count // what rings that have ended have handed in or leased, by key
	counted map[keystore.ID]Count // of what they had sealed, as much as the file stood for
	exact   bool                  // the file has no more than was handed in and leased
}

var errMishap = errors.New("mishap")

func (m *wearModel) Write(ctx context.Context, prev keystore.Digest, data []byte) error {
	now := m.next
	m.next = fine
	switch now {
	case refused:
		return errMishap
	case unwritten:
		return keystore.ErrOutcomeUnknown
	case conflicts:
		m.beside()
	}
	err := m.Memory.Write(ctx, prev, data)
	if err == nil && now == unheard {
		return keystore.ErrOutcomeUnknown
	}
	return err
}

func (m *wearModel) Stamp(ctx context.Context) (string, error) {
	stamp, err := m.Memory.Stamp(ctx)
	return fmt.Sprint(m.lost, ".", stamp), err
}

func newWearModel() *wearModel {
	m := &wearModel{Memory: keystore.NewMemory(), next: fine, exact: true, gone: make(map[keystore.ID]Count), counted: make(map[keystore.ID]Count)}
	for range 2 {
		m.keys = append(m.keys, keystore.NewID())
	}
	for range 3 {
		m.start()
	}
	m.beside = func() {
		m.start()
		m.seal(m.rings[len(m.rings)-1], m.keys[0], Count{5, 50})
		m.handIn(m.rings[len(m.rings)-1])
	}
	return m
}

func (m *wearModel) start() {
	w := &weigher{sealed: make(map[keystore.ID]Count), vouched: make(map[keystore.ID]Count), active: m.keys[0]}
	w.eye = &eye{wearModel: m}
	w.store, w.keystore, w.log = w.eye, keystore.ID{6: 0x70, 8: 0x80, 15: 1}, slog.New(slog.DiscardHandler)
	w.now, w.leases = func() time.Time { return time.Now().UTC().Truncate(time.Second) }, leaseRange{Count{100, 1000}, Count{800, 8000}}
	w.at, w.since = time.Now(), make(map[keystore.ID]time.Time)
	m.rings = append(m.rings, w)
}

func (m *wearModel) seal(w *weigher, key keystore.ID, n Count) { w.sealed[key] = w.sealed[key].plus(n) }

// handIn has a ring do what it does every second.
func (m *wearModel) handIn(w *weigher) {
	if w.due(w.sealed, w.active) {
		m.settle(w, w.counter.handIn(context.Background(), w.sealed, w.active))
	}
}

// settle notes what the file stands for after a ring has been at it.
func (m *wearModel) settle(w *weigher, err error) {
	if d := w.ledger.doubt; d != nil {
		m.exact = false // it may end up handing something in twice, if it cannot find out in time
		for key, n := range w.vouched {
			w.vouched[key] = n.least(d.lines[key].total())
		}
	}
	if err == nil {
		w.vouched = w.standing()
	}
}

// standing returns, by key, what the ring has handed in and leased; in doubt, what it has at least.
func (w *weigher) standing() map[keystore.ID]Count {
	all := make(map[keystore.ID]Count)
	for key, ln := range w.ledger.lines {
		all[key] = ln.total()
		if d := w.ledger.doubt; d != nil {
			all[key] = all[key].least(d.lines[key].total())
		}
	}
	return all
}

func (ln line) total() Count { return ln.handed.plus(ln.lease) }

// end takes a ring out.
func (m *wearModel) end(i int) {
	w := m.rings[i]
	m.rings = append(m.rings[:i:i], m.rings[i+1:]...)
	if f := m.parsed(); f != nil && f.ID == w.ledger.file { // else it has handed in to one that is lost
		for key, n := range w.standing() {
			m.gone[key] = m.gone[key].plus(n)
		}
	}
	for _, key := range m.keys {
		m.counted[key] = m.counted[key].plus(w.sealed[key].least(w.vouched[key]))
	}
}

// lose takes the file away, and what rings that have ended had put there.
func (m *wearModel) lose() {
	m.Memory = keystore.NewMemory()
	m.lost++
	m.forgetEnded()
}

func (m *wearModel) forgetEnded() {
	clear(m.gone)
	clear(m.counted)
	for _, w := range m.rings {
		clear(w.vouched)
	}
}

// parsed returns what the file says, nil if there is none or it is damaged.
func (m *wearModel) parsed() *keystore.Wear {
	data, err := m.Memory.Read(context.Background())
	if err != nil {
		return nil
	}
	f, err := keystore.ParseWear(data)
	if err != nil && string(data) != "damaged" {
		panic(err)
	}
	return f
}

// totals returns what f has for each key, leases included.
func totals(f *keystore.Wear) map[keystore.ID]Count {
	all := make(map[keystore.ID]Count)
	for _, k := range f.Keys {
		all[k.Key] = Count{k.Messages, k.Bytes}
	}
	for _, l := range f.Leases {
		all[l.Key] = all[l.Key].plus(Count{l.Messages, l.Bytes})
	}
	return all
}

// check holds the two promises. The file has at least what each ring has sealed, up to its lease. And unless a ring was
// left in doubt, it has exactly what rings have handed in and leased: nothing is charged twice.
func (m *wearModel) check(t *rapid.T) {
	f := m.parsed()
	if f == nil {
		return
	}
	file := totals(f)
	least, sum, all := maps.Clone(m.counted), maps.Clone(m.gone), true
	for _, w := range m.rings {
		if err := w.look(context.Background()); err == nil {
			m.settle(w, nil)
		} else {
			all = false // it may have an older account
		}
		for _, key := range m.keys {
			least[key] = least[key].plus(w.sealed[key].least(w.vouched[key]))
			sum[key] = sum[key].plus(w.standing()[key])
		}
	}
	for _, key := range m.keys {
		if least[key].exceeds(file[key]) {
			t.Fatalf("key %s: the file has %+v, and rings have sealed %+v under their leases", key, file[key], least[key])
		}
		if all && (m.exact && file[key] != sum[key] || sum[key].exceeds(file[key])) {
			t.Fatalf("key %s: the file has %+v, and rings have handed in and leased %+v", key, file[key], sum[key])
		}
	}
}

func TestWearModel(t *testing.T) {
	seen := make(map[string]int)
	rapid.Check(t, func(rt *rapid.T) {
		// A bubble of its own for each case: in it, time passes when the model says so.
		var failure any
		synctest.Test(t, func(*testing.T) {
			defer func() { failure = recover() }()
			runWearModel(rt, seen)
		})
		if failure != nil {
			panic(failure)
		}
	})
	t.Log(fmt.Sprint(seen))
	if testing.Short() { // a fifth of the cases
		return
	}
	for _, what := range []string{"seal", "hand in", "close", "kill", "wait", "wait for the end of leases", "lose", "damage", "go blind", "see", "rotate"} {
		if seen[what] < 20 {
			t.Errorf("%s was tried %d times", what, seen[what])
		}
	}
}

func runWearModel(t *rapid.T, seen map[string]int) {
	m := newWearModel()
	ring := func() int { return rapid.IntRange(0, len(m.rings)-1).Draw(t, "ring") }
	do := func(what string, f func()) func(*rapid.T) {
		return func(*rapid.T) {
			seen[what]++
			f()
			m.check(t)
		}
	}
	t.Repeat(map[string]func(*rapid.T){
		"seal": do("seal", func() {
			n := rapid.Uint64Range(1, 300).Draw(t, "messages")
			m.seal(m.rings[ring()], rapid.SampledFrom(m.keys).Draw(t, "key"), Count{n, n * rapid.Uint64Range(0, 30).Draw(t, "size")})
		}),
		"hand in": do("hand in", func() {
			m.next = rapid.SampledFrom([]mishap{fine, fine, conflicts, refused, unheard, unwritten}).Draw(t, "mishap")
			m.handIn(m.rings[ring()])
			m.next = fine
		}),
		"close": do("close", func() {
			i := ring()
			if w := m.rings[i]; w.due(w.sealed, keystore.ID{}) {
				m.next = rapid.SampledFrom([]mishap{fine, conflicts, refused, unheard, unwritten}).Draw(t, "mishap")
				m.settle(w, w.counter.handIn(context.Background(), w.sealed, keystore.ID{}))
				m.next = fine
			}
			m.end(i)
			m.start()
		}),
		"kill": do("kill", func() { m.end(ring()); m.start() }),
		"wait": do("wait", func() { time.Sleep(wearTerm / 4) }),
		"wait for the end of leases": do("wait for the end of leases", func() {
			time.Sleep(wearTerm + time.Second)
		}),
		"rotate": do("rotate", func() { m.rings[ring()].active = rapid.SampledFrom(m.keys).Draw(t, "key") }),
		"lose":   do("lose", m.lose),
		"damage": do("damage", func() {
			data, err := m.Memory.Read(context.Background())
			if err == nil && m.Memory.Write(context.Background(), keystore.DigestOf(data), []byte("damaged")) == nil {
				m.forgetEnded()
			}
		}),
		"go blind": do("go blind", func() {
			w := m.rings[ring()]
			m.next, w.eye.dims = rapid.SampledFrom([]mishap{unheard, unwritten}).Draw(t, "mishap"), true
			m.handIn(w)
			m.next, w.eye.dims = fine, false
		}),
		"see": do("see", func() { m.rings[ring()].eye.blind = false }),
	})
}
