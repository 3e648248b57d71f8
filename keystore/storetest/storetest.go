// Package storetest is the conformance suite of [keystore.Store]. Whoever writes a store runs it in a test:
//
//	storetest.Run(t, storetest.Harness{New: func(t *testing.T) keystore.Store { return mystore.New(t.TempDir()) }})
//
// The suite knows nothing of the format: it writes any bytes. What a store promises about crashes it cannot test from
// outside; a store on files tests that by itself.
package storetest

import (
	"testing"

	"github.com/sealwax/sealwax/keystore"
)

// Harness gives the suite stores to work on. Only New is required.
type Harness struct {
	// New returns an empty store.
	New func(t *testing.T) keystore.Store

	// Again returns another store on the same bytes, as another process would have it. Without it, all that happens at
	// once happens through one value.
	Again func(t *testing.T, s keystore.Store) keystore.Store

	// Unknown makes the outcome of the next Write of s unknown. The write has happened if written is true.
	Unknown func(t *testing.T, s keystore.Store, written bool)

	// Previous returns what s keeps as the previous generation, nil for nothing. It is for stores that are a
	// PreviousRemover.
	Previous func(t *testing.T, s keystore.Store) []byte
}

// Run runs every case as a subtest. Cases for what the store or the harness does not have are skipped.
func Run(t *testing.T, h Harness) {
	if h.Again == nil {
		h.Again = func(_ *testing.T, s keystore.Store) keystore.Store { return s }
	}
	for _, c := range []struct {
		name string
		run  func(*testing.T, Harness)
	}{
		{"NotFound", testNotFound},
		{"Create", testCreate},
		{"Replace", testReplace},
		{"Conflict", testConflict},
		{"AnyBytes", testAnyBytes},
		{"TooLarge", testTooLarge},
		{"SlicesAreNotShared", testSlices},
		{"Cancelled", testCancelled},
		{"WritersTakeTurns", testWriters},
		{"ReadersSeeWholeGenerations", testReaders},
		{"Stamp", testStamp},
		{"StampsDiffer", testStampsDiffer},
		{"RemovePrevious", testRemovePrevious},
		{"OutcomeUnknown", testUnknown},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, h) })
	}
}
