package azureserver

import (
	"io"
	"net/http"
	"strconv"
)

// cryptography are the operations that faults of a vault happen to: a login goes on.
var cryptography = []string{"wrapkey", "unwrapkey", "encrypt", "decrypt"}

// Fail makes the next n operations with a key fail with status 500.
func (s *Server) Fail(n int) {
	s.Faults.Refuse(refuse(http.StatusInternalServerError, problem{Code: "InternalServerError", Message: "An error occurred on the server, please try again."}), n, cryptography...)
}

// Throttle makes the next n operations with a key fail as over a vault's limit.
func (s *Server) Throttle(n int) {
	s.Faults.Refuse(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", strconv.Itoa(10))
		refuse(http.StatusTooManyRequests, problem{Code: "Throttled", Message: "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached", Inner: "VaultRequestTypeLimitReached"})(w, r)
	}, n, cryptography...)
}

// Cut closes the connection of the next n operations with a key in the middle of the answer.
func (s *Server) Cut(n int) {
	s.Faults.Cut(n, cryptography...)
}

// Refuse makes these operations, or every one, end in this status and in a body made of the authorization and the body of
// the request: what stands between may not be Azure.
func (s *Server) Refuse(status int, body func(authorization, body string) string, operations ...string) {
	s.Faults.Refuse(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body) // of a caller that has gone, if this fails
		w.WriteHeader(status)
		io.WriteString(w, body(r.Header.Get("Authorization"), string(sent)))
	}, 0, operations...)
}

// Challenge makes vaults ask for a token with this header, in place of their own.
func (s *Server) Challenge(header string) {
	s.Faults.Refuse(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", header)
		w.WriteHeader(http.StatusUnauthorized)
	}, 0, "challenge")
}
