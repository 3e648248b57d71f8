package front

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"
)

// fault is what happens to requests instead of, or before, an answer. The zero fault is none.
type fault struct {
	delay  time.Duration                            // before the answer
	answer func(http.ResponseWriter, *http.Request) // nil: the engine's own
	only   []string                                 // the operations that it happens to, none for all
	left   int                                      // requests that it still happens to, 0 for all
	ended  chan struct{}                            // closed when the fault ends
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

func (f *Front) set(next fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fault.ended != nil {
		close(f.fault.ended)
	}
	f.fault = next
}

// Restore ends every fault.
func (f *Front) Restore() { f.set(fault{}) }

// Seal makes every request fail as with a sealed Vault.
func (f *Front) Seal() {
	f.set(fault{answer: refuse(http.StatusServiceUnavailable, consts.ErrSealed)})
}

// Deny makes requests of these operations, or every request, fail as without the right to it.
func (f *Front) Deny(operations ...string) {
	f.set(fault{answer: refuse(http.StatusForbidden, logical.ErrPermissionDenied), only: operations})
}

// Fail makes the next n requests fail with status 500.
func (f *Front) Fail(n int) {
	f.set(fault{answer: refuse(http.StatusInternalServerError, errors.New("internal error")), left: n})
}

// Throttle makes the next n requests fail as over a rate limit quota.
func (f *Front) Throttle(n int) {
	f.set(fault{answer: refuse(http.StatusTooManyRequests, logical.ErrRateLimitQuotaExceeded), left: n})
}

// Hang takes requests and does not answer, until Restore.
func (f *Front) Hang() {
	ended := make(chan struct{})
	f.set(fault{ended: ended, answer: func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // the end of a connection is seen only behind the body
		select {
		case <-ended:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler)
	}})
}

// Delay makes every answer come that much later, as from a Vault that is far away.
func (f *Front) Delay(d time.Duration) { f.set(fault{delay: d}) }

// Cut closes the connection of the next n requests in the middle of the answer.
func (f *Front) Cut(n int) {
	f.set(fault{left: n, answer: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.Write([]byte(`{"data": {"plain`))
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}})
}

// Answer makes every request end in this status and body: what stands between may not be a Vault.
func (f *Front) Answer(status int, body string) {
	f.set(fault{answer: func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		w.Write([]byte(body))
	}})
}

func refuse(status int, err error) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { logical.RespondError(w, status, err) }
}
