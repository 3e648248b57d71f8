package kektest

import (
	"maps"
	"testing"
)

// Calls are requests by operation.
type Calls = map[string]int

// Since returns the requests that were counted after before.
func Since(before, after Calls) Calls {
	n := Calls{}
	for operation := range after {
		if d := after[operation] - before[operation]; d > 0 {
			n[operation] = d
		}
	}
	return n
}

// WantCalls wants f to cause exactly these requests, as the engine counts them.
func WantCalls(t testing.TB, engine interface{ Counts() Calls }, what string, want Calls, f func()) {
	t.Helper()
	before := engine.Counts()
	f()
	if got := Since(before, engine.Counts()); !maps.Equal(got, want) {
		t.Errorf("%s: the engine counted %v, want %v", what, got, want)
	}
}
