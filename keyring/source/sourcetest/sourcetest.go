// Package sourcetest has the tests that every [source.Source] passes, and a source in memory for the tests of those who use
// one.
//
//	func TestConformance(t *testing.T) { sourcetest.Run(t, sourcetest.Harness{New: …, Again: …, Put: …, Remove: …, Spoil: …}) }
package sourcetest

import (
	"testing"

	"github.com/sealwax/sealwax/keyring/source"
)

// Region is that of all sources under test.
const Region = "global"

// A Harness makes sources for the tests, and is the program beside them that writes messages where they lie. Its functions
// may be called concurrently.
type Harness struct {
	// New returns a source of these messages and no others. They are sorted by namespace and path.
	New func(t *testing.T, messages []Message) source.Source
	// Again returns another source of what s is of, as another process would open it.
	Again func(t *testing.T, s source.Source) source.Source
	// Put puts a message in the place of the one that is there, so that no reader ever misses it.
	Put func(t *testing.T, s source.Source, m Message)
	// Remove takes the message at a place away.
	Remove func(t *testing.T, s source.Source, m Message)
	// Spoil makes it impossible to read what is at a place. Nil: a source never has one such record.
	Spoil func(t *testing.T, s source.Source, m Message)
}

// A Message is one sealed message and its place.
type Message struct {
	Namespace, Path string
	Sealed          []byte
}

// Run runs the tests.
func Run(t *testing.T, h Harness) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Harness)
	}{
		{"Empty", testEmpty},
		{"Order", testOrder},
		{"Resume", testResume},
		{"StopsEarly", testStopsEarly},
		{"Owned", testOwned},
		{"Ended", testEnded},
		{"Size", testSize},
		{"Replace", testReplace},
		{"ReplaceWhileWalking", testReplaceWhileWalking},
		{"Idle", testIdle},
		{"Close", testClose},
		{"ChangedBeforeReplace", testChangedBeforeReplace},
		{"ChangedBeforeFlush", testChangedBeforeFlush},
		{"RemovedBeforeReplace", testRemovedBeforeReplace},
		{"Unreadable", testUnreadable},
		{"ReadOnly", testReadOnly},
		{"Readers", testReaders},
		{"Writers", testWriters},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, h) })
	}
}
