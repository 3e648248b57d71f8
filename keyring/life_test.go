package keyring_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// deed is one case: somebody does what a column says to a key that is as a row says, in an environment.
type deed struct {
	*testing.T
	table    map[string]map[string]cell
	world    *world
	column   string
	cell     cell // what the table says
	expected cell // what the environment makes of it
	env      environment

	store       *faulty
	ring, other *keyring.Ring
	before      []byte // what the store had
}

// TestLife does everything to a key in every state and every environment, and compares what comes of it with the table.
// Whatever happens: one key is active; no key goes back; who is refused has changed nothing; what was sealed with a key
// that is not destroyed opens; and nothing is sealed with one that is marked.
func TestLife(t *testing.T) {
	table, columns, rows := parseExpectations()
	if len(columns) != len(deeds) {
		t.Fatalf("the table has %d columns, and there are %d deeds", len(columns), len(deeds))
	}
	cases, worlds := 0, 0
	for _, row := range rows {
		for _, variant := range variants(row) {
			worlds++
			w := newWorld(t, row, variant)
			w.check(t)
			for _, column := range columns {
				for _, env := range environments {
					cases++
					d := &deed{T: t, table: table, world: w, column: column, cell: table[row][column], env: env}
					d.run()
				}
			}
		}
	}
	t.Logf("%d cases: %d states, %d deeds, %d environments", cases, worlds, len(columns), len(environments))
	if cases != 33*11*12 {
		t.Errorf("%d cases, want 33 states, 11 deeds and 12 environments", cases)
	}
}

// check wants the world to be what its row says: else the table would be tried on something else.
func (w *world) check(t *testing.T) {
	t.Helper()
	c, err := keystore.Parse(w.data)
	if err != nil {
		t.Fatal(err)
	}
	if got := look(c.Find(w.subject), w.broken()); got != w.row {
		t.Fatalf("the key is %s, want %s", got, w.row)
	}
}

// run carries out the case.
func (d *deed) run() {
	d.Helper()
	d.begin()
	defer d.end()
	err := deeds[d.column](d.world, d.ring)
	d.check("", d.expected, err)
	d.world.engine.fail(0)
	d.store.write, d.store.readErrs = nil, nil
	after := d.read()
	if !d.expected.writes() && !(d.env.happens && d.cell.writes()) && !bytes.Equal(after, d.before) {
		d.fail("it changed what the store has")
	}
	if d.expected.writes() && bytes.Equal(after, d.before) {
		d.fail("nothing was written")
	}
	d.compare(after)
}

func (d *deed) begin() {
	d.Helper()
	d.store = &faulty{Memory: keystore.NewMemory()}
	if err := d.store.Write(context.Background(), keystore.Digest{}, d.world.data); err != nil {
		d.Fatal(err)
	}
	d.before, d.expected = d.world.data, d.cell
	o := d.world.options()
	if d.env.options != nil {
		d.env.options(o)
	}
	d.ring, d.other = d.load(o), d.load(d.world.options())
	if d.env.prepare != nil {
		d.env.prepare(d)
	}
	if d.env.expect != nil {
		d.expected = d.env.expect(d.column, d.cell)
	}
}

func (d *deed) load(o *keyring.Options) *keyring.Ring {
	d.Helper()
	r, err := keyring.Load(context.Background(), d.store, keks(d.world.kek), o)
	if err != nil {
		d.fail("load: %v", err)
	}
	return r
}

func (d *deed) end() {
	d.ring.Close()
	d.other.Close()
}

// fail says which case it is.
func (d *deed) fail(format string, args ...any) {
	d.Helper()
	d.Fatalf("%s of a key that is %s %s, where %s: "+format,
		append([]any{d.column, d.world.row, d.world.variant, d.env.name}, args...)...)
}

// check compares an error with what is expected.
func (d *deed) check(when string, want cell, err error) {
	d.Helper()
	if want.refuses() != (err != nil) || want.refuses() && !expectedErrors[string(want)](err) {
		d.fail("%s got the error %v, want %q", when, err, want)
	}
}

func (d *deed) read() []byte {
	d.Helper()
	data, err := d.store.Read(context.Background())
	if err != nil {
		d.fail("%v", err)
	}
	return data
}

// writeBeside is a write of somebody else, which has nothing to do with any key.
func (d *deed) writeBeside() {
	err := d.other.WriteBeside(context.Background(), func(c *keystore.Contents) { c.Lease += time.Second })
	if err != nil {
		d.fail("write beside: %v", err)
	}
	d.before = d.read()
}

// compare looks at what the store has after the deed, in what the ring then knows, and in a new ring.
func (d *deed) compare(after []byte) {
	d.Helper()
	was, err := keystore.Parse(d.world.data)
	is, parseErr := keystore.Parse(after)
	if err := errors.Join(err, parseErr); err != nil {
		d.fail("%v", err)
	}
	d.compareSubject(was, is)
	d.goesForward(was, is)
	fresh := d.load(d.world.options())
	defer fresh.Close()
	d.works(fresh, is)
	if d.env.name != "the ring is closed" {
		if err := d.ring.Refresh(context.Background()); err != nil {
			d.fail("refresh: %v", err)
		}
		d.works(d.ring, is)
	}
	if d.column == "destroy" || d.column == "force" {
		d.leavesNothing(is)
	}
}

// compareSubject wants the subject to be what the cells say.
func (d *deed) compareSubject(was, is *keystore.Contents) {
	d.Helper()
	want := d.world.row
	switch {
	case d.env.name == "another process has done it already":
		want = d.expected.then(d.cell.then(want))
	case d.env.happens:
		want = d.cell.then(want)
	default:
		want = d.expected.then(want)
	}
	if got := look(is.Find(d.world.subject), d.world.broken()); got != want {
		d.fail("the key is then %s, want %s", got, want)
	}
}

// goesForward: exactly one key is active, none is lost, none is in an earlier state than before, and no mark is taken away.
func (d *deed) goesForward(was, is *keystore.Contents) {
	d.Helper()
	active := 0
	for _, k := range is.Keys {
		if k.State == keystore.Active {
			active++
		}
	}
	if active != 1 {
		d.fail("%d keys are active", active)
	}
	for _, old := range was.Keys {
		k := is.Find(old.ID)
		if k == nil || k.State < old.State || old.Compromised && !k.Compromised {
			d.fail("key %+v became %+v", old, k)
		}
	}
}

// works wants a ring to open every message whose key is there, and to seal with the active key, if it is one that may.
func (d *deed) works(r *keyring.Ring, is *keystore.Contents) {
	d.Helper()
	for _, msg := range d.world.sealed {
		_, err := r.Open(nil, msg, here)
		destroyed := is.Find(keystore.ID(msg[1:17])).State == keystore.Destroyed
		if destroyed != errors.Is(err, keyring.ErrKeyDestroyed) || !destroyed && err != nil {
			d.fail("a message of a key that is destroyed (%v): %v", destroyed, err)
		}
	}
	msg, err := r.Seal(nil, nil, here)
	active := is.Active()
	if active.Compromised || active.ID == d.world.subject && d.world.broken() {
		if !errors.Is(err, keyring.ErrNoActiveKey) {
			d.fail("sealing with an active key that must not: %v", err)
		}
		return
	}
	if err != nil || keystore.ID(msg[1:17]) != active.ID {
		d.fail("seals with %x, %v, and %s is active", msg[1:min(17, len(msg))], err, active.ID)
	}
}

// leavesNothing: of a destroyed key nothing is left, not in the generation before either, unless the process could not tell
// that it was destroyed.
func (d *deed) leavesNothing(is *keystore.Contents) {
	d.Helper()
	k := is.Find(d.world.subject)
	if k == nil || k.State != keystore.Destroyed {
		return
	}
	if k.SealedDEK != nil || len(k.Signing) > 0 || k.Census == nil {
		d.fail("a tombstone is %+v", k)
	}
	if !d.expected.refuses() && d.store.Previous() != nil {
		d.fail("the generation before, with the key, is still there")
	}
}
