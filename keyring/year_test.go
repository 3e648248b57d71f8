package keyring_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// year is one in which three processes maintain a keystore, and everything fails now and then.
type year struct {
	testing.TB
	rand      *rand.Rand
	period    time.Duration
	options   keyring.Options
	store     *chronicle
	engine    *engine
	processes []*process
	up        []span      // when at least one process was there
	plans     []time.Time // of operators
	undated   int         // keys of operators, which they never activate
	misdating bool        // operators write by clocks that are off, too
	strange   *process    // one whose clock is off for days, and which counts for nothing
	faults    map[string]int
}

type span struct{ from, to time.Time }

type process struct {
	ring  *keyring.Ring
	stop  func()
	ahead atomic.Int64 // how far its clock is off
	until time.Time    // when it comes back, or its clock does
}

// nextYear makes each test have a year of its own, after those of all other tests of this process, in bubbles and in
// the real one: IDs begin with the time and never go back.
var nextYear atomic.Int64

const firstYear = 120 // after 2000, where bubbles begin

func newYear(t testing.TB, seed uint64, period time.Duration, store *chronicle, wear keystore.Store) *year {
	y := &year{TB: t, rand: rand.New(rand.NewPCG(seed, 1)), period: period, store: store, engine: newEngine(t), faults: make(map[string]int)}
	time.Sleep(time.Duration(firstYear+nextYear.Add(2)) * 366 * day)
	o := home()
	o.Rotation, o.Readers = keyring.Rotation{Period: period}, 3
	o.RefreshInterval, o.PayInterval, o.ClockSkew = max(period/4320, time.Second), -1, time.Second
	o.Wear = wear
	y.options = *o
	store.found(t, y.engine, o).Close()
	for range 3 {
		p := new(process)
		y.processes = append(y.processes, p)
		y.start(p)
	}
	return y
}

// start has a process start and maintain. It fails while the KEK is down.
func (y *year) start(p *process) bool {
	o := y.options
	o.Clock = func() time.Time { return time.Now().Add(time.Duration(p.ahead.Load())) }
	r, err := keyring.Load(context.Background(), y.store, keks(y.engine.kek(y, "a")), &o)
	if err != nil {
		return false
	}
	before := y.anybody()
	p.ring, p.stop = r, maintained(y, r)
	if !before && y.anybody() {
		y.up = append(y.up, span{from: time.Now()})
	}
	return true
}

func (y *year) kill(p *process) {
	if p.ring == nil {
		return
	}
	before := y.anybody()
	p.stop()
	p.ring.Close()
	p.ring = nil
	if before && !y.anybody() {
		y.up[len(y.up)-1].to = time.Now()
	}
}

func (y *year) anybody() bool {
	return slices.ContainsFunc(y.processes, func(p *process) bool { return p.ring != nil && p != y.strange })
}

func (y *year) happens(fault string, one int) bool {
	if y.rand.IntN(one) > 0 {
		return false
	}
	y.faults[fault]++
	return true
}

// pass lets the time go on by d, in which things fail.
func (y *year) pass(d time.Duration) {
	hour := y.period / 720
	end := time.Now().Add(d)
	for time.Now().Before(end) {
		time.Sleep(2 * hour)
		for _, p := range y.processes {
			switch {
			case time.Now().Before(p.until):
			case p.ring == nil:
				y.start(p)
			default:
				p.ahead.Store(0)
				y.trouble(p, hour)
			}
		}
		y.commonTrouble(hour)
	}
	for _, p := range y.processes {
		y.kill(p)
	}
}

// trouble is what happens to a process.
func (y *year) trouble(p *process, hour time.Duration) {
	switch {
	case p == y.strange && y.happens("clock off for days", 60):
		p.ahead.Store(int64(y.jump(hour)))
		p.until = time.Now().Add(y.upTo(6 * 24 * hour))
		if y.rand.IntN(2) == 0 {
			y.kill(p)
			y.start(p) // with nothing to doubt the clock by
		}
	case y.happens("restart", 40):
		y.kill(p)
		y.start(p)
	case y.happens("down for days", 200):
		y.kill(p)
		p.until = time.Now().Add(y.upTo(5 * 24 * hour))
	case y.happens("clock jumps", 30):
		jump := y.jump(hour)
		p.ahead.Store(int64(jump))
		time.AfterFunc(y.upTo(hour), func() { p.ahead.Store(0) })
		p.until = time.Now().Add(hour)
		if y.misdating && jump > 24*hour {
			y.faults["next year's date written"]++
			y.operate(p, time.Time{})
		}
	}
}

// jump is one that a clock makes.
func (y *year) jump(hour time.Duration) time.Duration {
	jumps := []time.Duration{hour / 6, 24 * hour, 365 * 24 * hour}
	return jumps[y.rand.IntN(len(jumps))] * time.Duration(1-2*y.rand.IntN(2))
}

func (y *year) upTo(most time.Duration) time.Duration {
	return time.Duration(y.rand.Int64N(int64(most)))
}

// commonTrouble is what happens to all of them.
func (y *year) commonTrouble(hour time.Duration) {
	switch {
	case y.happens("all down for days", 500):
		until := time.Now().Add(24*hour + y.upTo(5*24*hour))
		for _, p := range y.processes {
			y.kill(p)
			p.until = until
		}
	case y.happens("KEK down", 100):
		y.engine.fail(wrappers.Later)
		time.AfterFunc(y.upTo(3*24*hour), func() { y.engine.fail(0) })
	case y.happens("store away", 50):
		y.store.broken.Store(&errStore)
		time.AfterFunc(y.upTo(hour/2), func() { y.store.broken.Store(nil) })
	case y.happens("answer lost", 20):
		y.store.lose.Store(true)
	case y.happens("no date", 400):
		y.operate(y.right(), time.Time{})
	case y.happens("far date", 400):
		y.operate(y.right(), time.Now().Add(40*24*hour+y.upTo(40*24*hour)))
	}
}

// right returns a process whose clock is, nil if there is none.
func (y *year) right() *process {
	for _, p := range y.processes {
		if p.ring != nil && p.ahead.Load() == 0 {
			return p
		}
	}
	return nil
}

// operate has an operator prepublish a key, where p runs.
func (y *year) operate(p *process, at time.Time) {
	if p == nil {
		return
	}
	_, err := p.ring.Prepublish(context.Background(), at)
	switch {
	case err != nil: // the store is away, or next year's dates do not allow this one
	case at.IsZero():
		y.undated++
	default:
		y.plans = append(y.plans, at.Truncate(time.Second))
	}
}

// late returns for how long somebody was there between two times.
func (y *year) late(from, to time.Time) time.Duration {
	var sum time.Duration
	for _, s := range y.up {
		if s.to.IsZero() || s.to.After(to) {
			s.to = to
		}
		if s.from.Before(from) {
			s.from = from
		}
		sum += max(s.to.Sub(s.from), 0)
	}
	return sum
}

// check fails unless each key was active for a period, or until a date of an operator's, to a hundredth of the period,
// but for the time in which nobody was there; it is early only by a jump that is none. It returns how many there were,
// and how late the latest was.
func (y *year) check(min int) (n int, latest time.Duration) {
	slices.SortFunc(y.plans, time.Time.Compare)
	active, early := y.store.read().active, y.period/400
	for i, a := range active[1:] {
		due := active[i].at.Truncate(time.Second).Add(y.period)
		why := "period"
		for _, plan := range y.plans {
			if plan.After(active[i].at.Add(early)) && plan.Before(due) {
				due, why = plan, "planned"
				break
			}
		}
		late := y.late(due, a.at)
		latest = max(latest, late)
		y.Logf("%2d  %s  %-7s %10v after it was due, %v of it with somebody there", i+1, a.at.Format(time.DateTime), why, a.at.Sub(due).Round(time.Second), late.Round(time.Second))
		if a.at.Before(due.Add(-early)) || late > y.period/100 {
			y.Errorf("activation %d is %v after it was due, which is %v of somebody's time", i+1, a.at.Sub(due), late)
		}
	}
	if len(active) < min || y.store.read().wrong != "" {
		y.Errorf("%d keys were active; %s", len(active), y.store.read().wrong)
	}
	if spare := len(y.store.read().made) - len(active) - y.undated; spare > len(y.plans) {
		y.Errorf("%d keys were made for nothing", spare)
	}
	return len(active), latest
}

// TestAYear: every key is active for 30 days to within 7.2 hours, whatever happens; every rotation happens once.
func TestAYear(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				newYear(t, seed, period, newChronicle(), nil).whole()
			})
		})
	}
}

// TestAYearOnAFile is the same once, on the store that most have.
func TestAYearOnAFile(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		newYear(t, 9, period, &chronicle{stampedStore: keystore.NewFile(filepath.Join(dir, "keystore"))}, nil).whole()
	})
}

// TestAYearOfWrongDates: somebody whose clock is a year ahead writes the keystore, so that its time stands still. What
// the processes have seen then stands in the wear file. A month has five hours here, since the wear file is looked at
// every second.
func TestAYearOfWrongDates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newYear(t, 1, 5*time.Hour, newChronicle(), keystore.NewMemory())
		y.misdating = true
		y.whole()
	})
}

// TestAYearWithAStrangeClock: one process's clock is off for days, by up to a year. It may rotate too early, and then
// the keystore has its dates; but not more often than that happens, and the others go on as they should: too late by at
// most the day that it was ahead when a key was activated, and another when its successor was made.
func TestAYearWithAStrangeClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newYear(t, 2, 5*time.Hour, newChronicle(), keystore.NewMemory())
		y.strange = y.processes[0]
		y.pass(y.period * 365 / 30)
		active, most := y.store.read().active, y.period/100+2*y.period/30
		for i, a := range active[1:] {
			if late := y.late(active[i].at.Add(y.period), a.at); late > most {
				t.Errorf("activation %d is %v late", i+1, late)
			}
		}
		if n, jumps := len(active), y.faults["clock off for days"]; n < 10 || n > 13+len(y.plans)+jumps/2 || jumps < 5 || y.store.read().wrong != "" {
			t.Errorf("%d keys were active, with %d plans; %s; %v", n, len(y.plans), y.store.read().wrong, y.faults)
		}
		t.Logf("%d keys, %d plans; %v", len(active), len(y.plans), y.faults)
	})
}

// whole lets the year pass.
func (y *year) whole() {
	y.pass(y.period * 365 / 30)
	n, latest := y.check(10)
	y.Logf("%d keys, %d writes, at most %v late; %v", n, y.store.read().writes, latest, y.faults)
}
