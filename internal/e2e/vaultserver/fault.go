package vaultserver

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"
)

// fault is what happens to requests instead of an answer. The zero fault is none.
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

func (s *Server) setFault(f fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault.ended != nil {
		close(s.fault.ended)
	}
	s.fault = f
}

// Restore ends every fault.
func (s *Server) Restore() { s.setFault(fault{}) }

// Seal makes every request fail as with a sealed Vault.
func (s *Server) Seal() {
	s.setFault(fault{answer: refuse(http.StatusServiceUnavailable, consts.ErrSealed)})
}

// Deny makes requests of these operations, or every request, fail as without the right to it.
func (s *Server) Deny(operations ...string) {
	s.setFault(fault{answer: refuse(http.StatusForbidden, logical.ErrPermissionDenied), only: operations})
}

// Fail makes the next n requests fail with status 500.
func (s *Server) Fail(n int) {
	s.setFault(fault{answer: refuse(http.StatusInternalServerError, errors.New("internal error")), left: n})
}

// Limit makes every request fail as over a rate limit quota.
func (s *Server) Limit() {
	s.setFault(fault{answer: refuse(http.StatusTooManyRequests, logical.ErrRateLimitQuotaExceeded)})
}

// Hang takes requests and does not answer, until Restore.
func (s *Server) Hang() {
	ended := make(chan struct{})
	s.setFault(fault{ended: ended, answer: func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // the end of a connection is seen only behind the body
		select {
		case <-ended:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler)
	}})
}

// Delay makes every answer come that much later, as from a Vault that is far away.
func (s *Server) Delay(d time.Duration) { s.setFault(fault{delay: d}) }

// Cut closes the connection of the next n requests in the middle of the answer.
func (s *Server) Cut(n int) {
	s.setFault(fault{left: n, answer: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.Write([]byte(`{"data": {"plain`))
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}})
}

// Answer makes every request end in this status and body: what stands between may not be a Vault.
func (s *Server) Answer(status int, body string) {
	s.setFault(fault{answer: func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		w.Write([]byte(body))
	}})
}

func refuse(status int, err error) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { logical.RespondError(w, status, err) }
}
