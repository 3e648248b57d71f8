// Package front stands before a Vault in tests: it counts the requests by their operation, and can disturb them as a Vault
// in trouble, a network or a proxy would. What Vault itself can be made to do, a test should make Vault do.
package front

import (
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
)

// Front passes requests on. Its methods may be called concurrently with them.
type Front struct {
	next http.Handler

	mu     sync.Mutex
	counts map[string]int
	fault  fault
}

// New returns a Front before next that disturbs nothing.
func New(next http.Handler) *Front { return &Front{next: next, counts: map[string]int{}} }

// ServeHTTP counts the request and passes it on, unless it is disturbed.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !f.arrived(operation(r.URL.Path)).disturb(w, r) {
		f.next.ServeHTTP(w, r)
	}
}

// operation names what is asked for: "encrypt", "decrypt" or "keys" below a mount of one segment, the last segment of
// everything else, as in "renew-self".
func operation(url string) string {
	segments := strings.Split(strings.TrimPrefix(url, "/v1/"), "/")
	if len(segments) == 3 && segments[0] != "auth" {
		return segments[1]
	}
	return path.Base(url)
}

// arrived counts a request and returns what is to happen to it.
func (f *Front) arrived(operation string) fault {
	f.mu.Lock()
	defer f.mu.Unlock()
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

// Count returns how many requests of an operation have arrived, refused ones included: "encrypt", "decrypt",
// "renew-self". An empty name counts them all.
func (f *Front) Count(operation string) int {
	counts := f.Counts()
	if operation != "" {
		return counts[operation]
	}
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}

// Counts returns Count of every operation that was asked for.
func (f *Front) Counts() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.counts)
}
