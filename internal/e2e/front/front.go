// Package front stands before a key service in tests: it counts the requests by their operation, and can disturb them as a
// service in trouble, a network or a proxy would. What the service itself can be made to do, a test should make it do.
package front

import (
	"maps"
	"net/http"
	"slices"
	"sync"
)

// Front passes requests on. Its methods may be called concurrently with them.
type Front struct {
	Faults
	next      http.Handler
	operation func(*http.Request) string
}

// New returns a Front before next that disturbs nothing. Operation names what a request asks for.
func New(next http.Handler, operation func(*http.Request) string) *Front {
	return &Front{next: next, operation: operation}
}

// ServeHTTP counts the request and passes it on, unless it is disturbed.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !f.Arrived(f.operation(r), w, r) {
		f.next.ServeHTTP(w, r)
	}
}

// Faults counts and disturbs for a service of our own, which finds out by itself what is asked. The zero value disturbs
// nothing. Its methods may be called concurrently.
type Faults struct {
	mu     sync.Mutex
	counts map[string]int
	fault  fault
}

// Arrived counts a request, and reports whether a fault answered it.
func (f *Faults) Arrived(operation string, w http.ResponseWriter, r *http.Request) bool {
	return f.next(operation).disturb(w, r)
}

// next counts a request and returns what is to happen to it.
func (f *Faults) next(operation string) fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.counts == nil {
		f.counts = map[string]int{}
	}
	f.counts[operation]++
	now := f.fault
	if len(now.only) > 0 && !slices.Contains(now.only, operation) {
		return fault{}
	}
	if f.fault.left > 0 {
		if f.fault.left--; f.fault.left == 0 {
			f.fault = fault{}
		}
	}
	return now
}

// Count returns how many requests of these operations have arrived, refused ones included: "encrypt", "decrypt",
// "renew-self". An empty name, or none, counts them all.
func (f *Faults) Count(operations ...string) int {
	total := 0
	for operation, n := range f.Counts() {
		if len(operations) == 0 || slices.Contains(operations, "") || slices.Contains(operations, operation) {
			total += n
		}
	}
	return total
}

// Counts returns Count of every operation that was asked for.
func (f *Faults) Counts() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.counts)
}
