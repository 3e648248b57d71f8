package gcpserver

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// The longest that a token signed by its user may live, and how far clocks may be apart.
const (
	longestLife = time.Hour
	skew        = 5 * time.Minute
)

var scopes = []string{"https://www.googleapis.com/auth/cloudkms", "https://www.googleapis.com/auth/cloud-platform"}

// authenticate refuses a request without a good token: one of the token endpoint's, or one that a service account signed for
// this service.
func (s *Server) authenticate(header, method string) error {
	token, ok := strings.CutPrefix(header, "Bearer ")
	if !ok {
		return unauthenticated("CREDENTIALS_MISSING", method)
	}
	s.mu.Lock()
	known := s.tokens[token] != ""
	s.mu.Unlock()
	if known {
		return nil
	}
	claims, err := s.verifyJWT(token)
	if err != nil {
		return unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED", method)
	}
	if claims.Audience != "https://"+Host+"/" && !claims.hasScope() {
		return unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED", method)
	}
	return nil
}

func unauthenticated(reason, method string) error {
	said := status.New(codes.Unauthenticated, "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.")
	return with(said, &errdetails.ErrorInfo{
		Reason: reason, Domain: "googleapis.com", Metadata: map[string]string{"service": Host, "method": method},
	})
}

// claims are those of a token that a service account signed.
type claims struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	Scope    string `json:"scope"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
}

func (c *claims) hasScope() bool {
	return slices.ContainsFunc(strings.Fields(c.Scope), func(scope string) bool { return slices.Contains(scopes, scope) })
}

// verifyJWT returns the claims of a token that is signed by an account's enabled key, RS256, and is of now.
func (s *Server) verifyJWT(token string) (*claims, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errors.New("not a JWT")
	}
	var header struct{ Alg, Kid string }
	if err := decode(parts[0], &header); err != nil || header.Alg != "RS256" {
		return nil, errors.New("not RS256")
	}
	s.mu.Lock()
	signer := s.signers[header.Kid]
	good := signer != nil && signer.enabled
	s.mu.Unlock()
	if !good {
		return nil, errors.New("no such key, or it is disabled")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(signer.public, crypto.SHA256, digest[:], signature); err != nil {
		return nil, err
	}
	c := new(claims)
	if err := decode(parts[1], c); err != nil {
		return nil, err
	}
	return c, c.check(signer.email, time.Now())
}

func (c *claims) check(email string, now time.Time) error {
	issued, expires := time.Unix(c.Issued, 0), time.Unix(c.Expires, 0)
	switch {
	case c.Issuer != email || c.Subject != "" && c.Subject != email:
		return fmt.Errorf("issued by %q for %q, the key is of %q", c.Issuer, c.Subject, email)
	case !now.Before(expires):
		return errors.New("expired")
	case issued.After(now.Add(skew)) || expires.Sub(issued) > longestLife:
		return errors.New("must be a short-lived token (60 minutes) and in a reasonable timeframe")
	}
	return nil
}

func decode(part string, into any) error {
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

// serveToken is the token endpoint: an access token for a signed assertion, or for a refresh token.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.counts["token"]++
	quiet := s.quiet
	s.mu.Unlock()
	if quiet != nil {
		select {
		case <-quiet:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler)
	}
	email, err := s.login(r)
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		json.NewEncoder(w).Encode(map[string]string{"error": "invalid_grant", "error_description": err.Error()}) // the client has gone if this fails
		return
	}
	token := "ya29." + rand.Text()
	s.mu.Lock()
	s.tokens[token] = email
	s.mu.Unlock()
	json.NewEncoder(w).Encode(map[string]any{"access_token": token, "expires_in": 3599, "token_type": "Bearer"}) // as above
}

// errRevoked is what Google says of a refresh token that it does not take any more, but for its capital and full stop.
var errRevoked = errors.New("token has been expired or revoked")

func (s *Server) login(r *http.Request) (email string, err error) {
	switch r.PostFormValue("grant_type") {
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		c, err := s.verifyJWT(r.PostFormValue("assertion"))
		if err != nil {
			return "", fmt.Errorf("invalid JWT: %w", err)
		}
		if c.Audience != "https://"+TokenHost+"/token" || !c.hasScope() {
			return "", errors.New("invalid JWT: audience or scope")
		}
		return c.Issuer, nil
	case "refresh_token":
		s.mu.Lock()
		defer s.mu.Unlock()
		if email := s.refresh[r.PostFormValue("refresh_token")]; email != "" {
			return email, nil
		}
		return "", errRevoked
	}
	return "", errors.New("invalid grant_type")
}

// Token returns an access token that the service takes, as gcloud auth print-access-token does.
func (s *Server) Token() string {
	token := "ya29." + rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[token] = "person@example.com"
	return token
}
