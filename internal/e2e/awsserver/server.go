// Package awsserver serves AWS KMS at the wire on a loopback port, for tests: its JSON protocol, over HTTP or TLS.
//
// Signatures are checked as AWS does (SigV4: date, session token, every signed header, body). Accounts have keys, aliases and
// credentials of their own; a key belongs to a region, may be rotated, disabled or on its way to deletion; a blob is
// AES-256-GCM, opens under the encryption context that it was made with, and names its key and that key's version. Beside it
// there is as much of STS as a login with a web identity and GetCallerIdentity need. Everything can be disturbed, and
// every request is counted by its operation.
//
// It is ours, so it knows what its author knew: the official JavaScript SDK and the AWS command line are run against it, and
// the provider is tested against an independent emulator too.
package awsserver

import (
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// Server is a running server. Its methods may be called concurrently with requests.
type Server struct {
	*Front
	URL string

	http *httptest.Server

	mu         sync.Mutex
	keys       map[string]*key      // by ARN
	aliases    map[string]string    // ARN of the alias to ARN of the key
	identities map[string]*identity // by access key ID
	tokens     map[string]string    // the role that a web identity's token is good for
	sessions   time.Duration        // how long a session lasts
	skew       time.Duration        // how far this server's clock is ahead
	policy     policy
}

// identity is who an access key belongs to.
type identity struct {
	Credentials
	account, arn string
	expires      time.Time // zero for never
}

// Credentials are what a request is signed with.
type Credentials struct{ AccessKeyID, SecretAccessKey, SessionToken string }

// New starts a server with this certificate, or without TLS if it is nil. The caller calls Close.
func New(cert *tls.Certificate) *Server {
	s := &Server{
		keys: map[string]*key{}, aliases: map[string]string{}, identities: map[string]*identity{},
		tokens: map[string]string{}, sessions: time.Hour,
	}
	s.Front = NewFront(http.HandlerFunc(s.serve))
	s.http = httptest.NewUnstartedServer(s.Front)
	s.http.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what a test wants
	if cert == nil {
		s.http.Start()
	} else {
		s.http.TLS = &tls.Config{Certificates: []tls.Certificate{*cert}}
		s.http.StartTLS()
	}
	s.URL = s.http.URL
	return s
}

// Close ends all requests and the server.
func (s *Server) Close() {
	s.Restore()
	s.http.CloseClientConnections()
	s.http.Close()
}

// NewCredentials returns credentials of a role of an account, with a session token.
func (s *Server) NewCredentials(account string) Credentials {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newCredentials(account, "arn:aws:sts::"+account+":assumed-role/app/test", time.Time{})
}

func (s *Server) newCredentials(account, arn string, expires time.Time) Credentials {
	c := Credentials{"ASIA" + rand.Text()[:16], rand.Text() + rand.Text(), rand.Text() + rand.Text()}
	s.identities[c.AccessKeyID] = &identity{c, account, arn, expires}
	return c
}

// Expire ends these credentials.
func (s *Server) Expire(c Credentials) { s.expireAt(c, time.Unix(1, 0)) }

// Revive makes credentials good again that Expire has ended.
func (s *Server) Revive(c Credentials) { s.expireAt(c, time.Time{}) }

func (s *Server) expireAt(c Credentials, end time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.identities[c.AccessKeyID].expires = end
}

// SetSkew puts this server's clock ahead of the machine's.
func (s *Server) SetSkew(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skew = d
}

func (s *Server) now() time.Time { return time.Now().Add(s.skew) }

// serve answers as AWS does. All of it under one lock: nothing here waits.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has gone
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	w.Header().Set("X-Amzn-Requestid", rand.Text())
	if isSTS(r) {
		s.serveSTS(w, r, body)
		return
	}
	caller, region, refused := s.authenticate(r, body, "kms")
	if refused != nil {
		refused.answer(w)
		return
	}
	answer, refused := s.serveKMS(Operation(r), caller, region, body)
	if refused != nil {
		refused.answer(w)
		return
	}
	respond(w, http.StatusOK, answer)
}

// arn returns the ARN of a key or an alias.
func arn(account, region, resource string) string {
	return fmt.Sprintf("arn:aws:kms:%s:%s:%s", region, account, resource)
}
