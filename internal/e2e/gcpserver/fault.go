package gcpserver

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"path"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
)

// fault is what happens to requests instead of an answer. The zero fault is none.
type fault struct {
	left   int           // for so many requests; 0 for all
	refuse error         // answered
	silent chan struct{} // closed by Restore; until then nothing is answered
	cut    bool          // in the middle of the answer
}

func (s *Server) setFault(f fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endSilence()
	s.fault = f
}

func (s *Server) endSilence() {
	if s.fault.silent != nil {
		close(s.fault.silent)
	}
	s.fault = fault{}
}

// Restore ends all disturbances: faults, damage, revoked permissions and a silent token endpoint. States of keys stay.
func (s *Server) Restore() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endSilence()
	s.damage = ""
	s.page = 0
	clear(s.revoked)
	if s.quiet != nil {
		close(s.quiet)
		s.quiet = nil
	}
}

// Silence takes requests and does not answer them.
func (s *Server) Silence() { s.setFault(fault{silent: make(chan struct{})}) }

// SilenceTokens has the token endpoint take requests and not answer them.
func (s *Server) SilenceTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quiet = make(chan struct{})
}

// Refuse answers everything with this status and these details.
func (s *Server) Refuse(code codes.Code, text string, details ...protoadapt.MessageV1) {
	s.setFault(fault{refuse: with(status.New(code, text), details...)})
}

// AnswerAsProxy has requests for the service end in a page with this status, which repeats the token that came with them.
func (s *Server) AnswerAsProxy(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.page = status
}

// Fail answers the next n requests with an error of the server.
func (s *Server) Fail(n int) {
	s.setFault(fault{left: n, refuse: status.Error(codes.Internal, "Internal error encountered.")})
}

// Throttle answers the next n requests as too many.
func (s *Server) Throttle(n int) {
	said := status.New(codes.ResourceExhausted, "Quota exceeded for quota metric 'Cryptographic requests' and limit 'Cryptographic requests per minute' of service 'cloudkms.googleapis.com' for consumer 'project_number:123456789012'.")
	s.setFault(fault{left: n, refuse: with(said, &errdetails.ErrorInfo{
		Reason: "RATE_LIMIT_EXCEEDED", Domain: "googleapis.com", Metadata: map[string]string{"service": Host},
	})})
}

// Cut breaks the connection of the next n requests when the answer has begun.
func (s *Server) Cut(n int) { s.setFault(fault{left: n, cut: true}) }

// Revoke takes permissions away from everybody, until Restore.
func (s *Server) Revoke(permissions ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, permission := range permissions {
		s.revoked[permission] = true
	}
}

// Damage changes a bit of what goes over the line: of the "request", the "ciphertext" or the "plaintext"; or it loses the
// "checksum" of the plaintext or the "aad checksum" of a request; or it answers with the "name" of another key.
func (s *Server) Damage(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.damage = what
}

// damaged returns data, with a bit changed if that is what is to happen. The caller holds the lock.
func (s *Server) damaged(what string, data []byte) []byte {
	if s.damage != what || len(data) == 0 {
		return data
	}
	data = bytes.Clone(data)
	data[len(data)/2] ^= 1
	return data
}

// named returns name, or another key's if that is what is to happen. The caller holds the lock.
func (s *Server) named(name string) string {
	if s.damage != "name" {
		return name
	}
	return strings.Replace(name, "cryptoKeys/", "cryptoKeys/not-", 1)
}

// with attaches details to a status.
func with(said *status.Status, details ...protoadapt.MessageV1) error {
	if detailed, err := said.WithDetails(details...); err == nil {
		return detailed.Err()
	}
	return said.Err() // which a test of the details notices
}

// operations are how requests are counted.
var operations = map[string]string{
	"Encrypt":            "encrypt",
	"Decrypt":            "decrypt",
	"GetCryptoKey":       "get",
	"TestIamPermissions": "permissions",
}

// arrived counts a request and returns what is to happen to it.
func (s *Server) arrived(operation string) fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[operation]++
	now := s.fault
	if s.fault.left > 0 {
		if s.fault.left--; s.fault.left == 0 {
			s.fault = fault{}
		}
	}
	return now
}

// intercept is what every gRPC request passes.
func (s *Server) intercept(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	grpc.SetHeader(ctx, metadata.Pairs("date", time.Now().UTC().Format(http.TimeFormat))) // as Google's front end does
	return s.pass(ctx, path.Base(info.FullMethod), bearer(ctx), func() (any, error) { return handle(ctx, request) })
}

// pass counts a request, disturbs it, and lets it through if its token is good.
func (s *Server) pass(ctx context.Context, method, token string, handle func() (any, error)) (any, error) {
	f := s.arrived(operations[method])
	switch {
	case f.silent != nil:
		select {
		case <-f.silent:
			return nil, status.Error(codes.Unavailable, "The service is currently unavailable.")
		case <-ctx.Done(): // the caller has hung up
			return nil, status.FromContextError(ctx.Err()).Err()
		}
	case f.refuse != nil:
		return nil, f.refuse
	}
	if err := s.authenticate(token, method); err != nil {
		return nil, err
	}
	answer, err := handle()
	if f.cut {
		grpc.SendHeader(ctx, metadata.MD{})
		hangUp(ctx)
	}
	return answer, err
}

// hangUp breaks the connection of a request, without TLS's goodbye.
func hangUp(ctx context.Context) {
	if c, ok := ctx.Value(connKey{}).(net.Conn); ok {
		if secure, ok := c.(*tls.Conn); ok {
			c = secure.NetConn()
		}
		c.Close()
	}
}

func bearer(ctx context.Context) string {
	md, _ := metadata.FromIncomingContext(ctx)
	for _, value := range md.Get("authorization") {
		return value
	}
	return ""
}
