package azureserver

import (
	"io"
	"net/http"
	"slices"
	"strconv"
)

// fault is what happens to requests instead of an answer. The zero fault is none.
type fault struct {
	answer func(http.ResponseWriter, *http.Request)
	only   []string      // the operations that it happens to, none for all
	left   int           // requests that it still happens to, 0 for all
	ended  chan struct{} // closed when the fault ends
}

func (f fault) concerns(operation string) bool {
	return f.answer != nil && (len(f.only) == 0 || slices.Contains(f.only, operation))
}

func (s *Server) set(next fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault.ended != nil {
		close(s.fault.ended)
	}
	s.fault = next
}

// Restore ends every fault. What happened to keys, secrets and rights is undone by what did it.
func (s *Server) Restore() { s.set(fault{}) }

// cryptography are the operations that faults of a vault happen to: a login goes on.
var cryptography = []string{"wrapkey", "unwrapkey", "encrypt", "decrypt"}

// Fail makes the next n operations with a key fail with status 500.
func (s *Server) Fail(n int) {
	s.set(fault{left: n, only: cryptography, answer: refuse(http.StatusInternalServerError, problem{Code: "InternalServerError", Message: "An error occurred on the server, please try again."})})
}

// Throttle makes the next n operations with a key fail as over a vault's limit.
func (s *Server) Throttle(n int) {
	s.set(fault{left: n, only: cryptography, answer: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", strconv.Itoa(10))
		refuse(http.StatusTooManyRequests, problem{Code: "Throttled", Message: "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached", Inner: "VaultRequestTypeLimitReached"})(w, r)
	}})
}

// Hang takes requests of these operations, or every request, and does not answer, until Restore.
func (s *Server) Hang(operations ...string) {
	ended := make(chan struct{})
	s.set(fault{ended: ended, only: operations, answer: func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // the end of a connection is seen only behind the body
		select {
		case <-ended:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler)
	}})
}

// Cut closes the connection of the next n operations with a key in the middle of the answer.
func (s *Server) Cut(n int) {
	s.set(fault{left: n, only: cryptography, answer: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.Write([]byte(`{"kid":"https://`))
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}})
}

// Refuse makes these operations, or every one, end in this status and in a body made of the authorization and the body of
// the request: what stands between may not be Azure.
func (s *Server) Refuse(status int, body func(authorization, body string) string, operations ...string) {
	s.set(fault{only: operations, answer: func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body) // of a caller that has gone, if this fails
		w.WriteHeader(status)
		io.WriteString(w, body(r.Header.Get("Authorization"), string(sent)))
	}})
}

// Challenge makes vaults ask for a token with this header, in place of their own.
func (s *Server) Challenge(header string) {
	s.set(fault{only: []string{"challenge"}, answer: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", header)
		w.WriteHeader(http.StatusUnauthorized)
	}})
}
