package front

import (
	"io"
	"net/http"
	"time"
)

// fault is what happens to requests instead of, or before, an answer. The zero fault is none.
type fault struct {
	delay  time.Duration    // before the answer
	answer http.HandlerFunc // nil: the service's own
	only   []string         // the operations that it happens to, none for all
	left   int              // requests that it still happens to, 0 for all
	ended  chan struct{}    // closed when the fault ends
}

// disturb reports whether the fault answered the request.
func (f fault) disturb(w http.ResponseWriter, r *http.Request) bool {
	time.Sleep(f.delay)
	if f.answer == nil {
		return false
	}
	f.answer(w, r)
	return true
}

func (f *Faults) set(next fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fault.ended != nil {
		close(f.fault.ended)
	}
	f.fault = next
}

// Restore ends every fault.
func (f *Faults) Restore() { f.set(fault{}) }

// Refuse gives this answer to the next n requests of these operations, or of every one if there are none. With n 0 it does so
// until Restore.
func (f *Faults) Refuse(answer http.HandlerFunc, n int, operations ...string) {
	f.set(fault{answer: answer, left: n, only: operations})
}

// Answer makes every request end in this status and body: what stands between may not be the service.
func (f *Faults) Answer(status int, body string) {
	f.Refuse(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		w.Write([]byte(body))
	}, 0)
}

// Hang takes requests of these operations, or every request, and does not answer, until Restore.
func (f *Faults) Hang(operations ...string) {
	ended := make(chan struct{})
	f.set(fault{only: operations, ended: ended, answer: func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // the end of a connection is seen only behind the body
		select {
		case <-ended:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler)
	}})
}

// Delay makes every answer come that much later, as from a service that is far away.
func (f *Faults) Delay(d time.Duration) { f.set(fault{delay: d}) }

// Cut closes the connection of the next n requests of these operations, or of every one, in the middle of the answer.
func (f *Faults) Cut(n int, operations ...string) {
	f.Refuse(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.Write([]byte(`{"data": {"plain`))
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}, n, operations...)
}
