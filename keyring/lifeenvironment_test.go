package keyring_test

import (
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// environment is what is around a deed, or comes in between.
type environment struct {
	name    string
	options func(o *keyring.Options)         // of the ring; nil changes nothing
	prepare func(d *deed)                    // just before the deed; nil does nothing
	expect  func(column string, c cell) cell // what becomes of a cell; nil for what the table says
	happens bool                             // that it was written though the deed is told otherwise
}

// ifWritten expects an error where the table has none.
func ifWritten(name string) func(string, cell) cell {
	return func(_ string, c cell) cell {
		if c.writes() {
			return cell(name)
		}
		return c
	}
}

// always expects an error whatever the table says.
func always(name string) func(string, cell) cell {
	return func(string, cell) cell { return cell(name) }
}

var environments = []environment{
	{name: "fine"},
	{name: "all KEKs are down",
		prepare: func(d *deed) { d.world.engine.fail(wrappers.Later) },
		expect: func(column string, c cell) cell {
			if column == "new-root" || column == "rewrap" {
				return "kek"
			}
			return c
		}},
	{name: "another writer is faster",
		prepare: func(d *deed) { d.store.write = func(real func() error) error { d.writeBeside(); return real() } }},
	{name: "other writers are faster twice",
		prepare: func(d *deed) {
			d.store.write = func(real func() error) error {
				d.writeBeside()
				d.store.write = func(real func() error) error { d.writeBeside(); return real() }
				return real()
			}
		},
		expect: ifWritten("conflict")},
	{name: "another process has done it already", // and the ring does not know
		prepare: func(d *deed) {
			err := deeds[d.column](d.world, d.other)
			d.check("before", d.cell, err)
			if d.cell.writes() {
				d.before = d.read()
			}
			d.expected = d.table[d.cell.then(d.world.row)][d.column]
		}},
	{name: "the answer is lost, and it happened",
		prepare: func(d *deed) {
			d.store.write = func(real func() error) error { return lost(real()) }
		}},
	{name: "the answer is lost, and it did not happen",
		prepare: func(d *deed) {
			d.store.write = func(func() error) error { return keystore.ErrOutcomeUnknown }
		},
		expect: ifWritten("outcome")},
	{name: "it happened, and nobody can tell",
		prepare: func(d *deed) {
			d.store.write = func(real func() error) error {
				d.store.readErrs = []error{errStore}
				return real()
			}
		},
		expect: ifWritten("outcome"), happens: true},
	{name: "it did not happen, and nobody can tell",
		prepare: func(d *deed) {
			d.store.write = func(func() error) error {
				d.store.readErrs = []error{errStore}
				return keystore.ErrOutcomeUnknown
			}
		},
		expect: ifWritten("outcome")},
	{name: "the write fails",
		prepare: func(d *deed) {
			d.store.write = func(func() error) error { return errStore }
		},
		expect: ifWritten("failed")},
	{name: "the ring is read-only", options: func(o *keyring.Options) { o.ReadOnly = true }, expect: always("read-only")},
	{name: "the ring is closed", prepare: func(d *deed) { d.ring.Close() }, expect: always("closed")},
}

// lost is the answer of a store that does not know.
func lost(err error) error {
	if err != nil {
		return err
	}
	return keystore.ErrOutcomeUnknown
}
