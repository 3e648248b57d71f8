package awsserver

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Front stands before a KMS, this one or another: it counts the requests by their operation, and can disturb them. Its
// methods may be called concurrently with requests.
type Front struct {
	next http.Handler

	mu     sync.Mutex
	counts map[string]int
	fault  fault
}

// NewFront returns a Front before next that disturbs nothing.
func NewFront(next http.Handler) *Front { return &Front{next: next, counts: map[string]int{}} }

// ServeHTTP counts the request and passes it on, unless it is disturbed.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !f.arrived(Operation(r)).disturb(w, r) {
		f.next.ServeHTTP(w, r)
	}
}

// Operation names what a request asks for: "Decrypt", or "AssumeRoleWithWebIdentity" of STS.
func Operation(r *http.Request) string {
	if _, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return operation
	}
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body)) // for who comes next
	if err != nil {
		return ""
	}
	form, _ := url.ParseQuery(string(body)) // what cannot be read asks for nothing
	return form.Get("Action")
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

// Count returns how many requests of these operations have arrived, refused ones included. Without a name it counts them all.
func (f *Front) Count(operations ...string) int {
	total := 0
	for operation, n := range f.Counts() {
		if len(operations) == 0 || slices.Contains(operations, operation) {
			total += n
		}
	}
	return total
}

// Counts returns Count of every operation that was asked for.
func (f *Front) Counts() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.counts)
}
