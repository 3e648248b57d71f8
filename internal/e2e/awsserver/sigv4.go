package awsserver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// AWS Signature Version 4, as its documentation describes it for whoever signs:
//
//	key       = HMAC(HMAC(HMAC(HMAC("AWS4" + secret, date), region), service), "aws4_request")
//	canonical = method, path, query, headers, names of the headers, SHA-256 of the body, a line each
//	signature = HMAC(key, "AWS4-HMAC-SHA256", time, scope, SHA-256 of canonical, a line each)
var authorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([^/]+)/([0-9]{8})/([a-z0-9-]+)/([a-z]+)/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$`)

const (
	timeForm = "20060102T150405Z"
	maxSkew  = 5 * time.Minute
)

// signed is what an Authorization header says.
type signed struct {
	accessKeyID, date, region, service string
	headers                            []string
	signature                          string
}

// authenticate returns who signed a request, and for which region.
func (s *Server) authenticate(r *http.Request, body []byte, service string) (*identity, string, *refusal) {
	parts := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	if parts == nil {
		return nil, "", refuse("MissingAuthenticationTokenException", "Missing Authentication Token")
	}
	by := signed{parts[1], parts[2], parts[3], parts[4], strings.Split(parts[5], ";"), parts[6]}
	who := s.identities[by.accessKeyID]
	if who == nil || r.Header.Get("X-Amz-Security-Token") != who.SessionToken {
		return nil, "", refuse("UnrecognizedClientException", "The security token included in the request is invalid.")
	}
	if refused := s.checkTime(by, r.Header.Get("X-Amz-Date")); refused != nil {
		return nil, "", refused
	}
	if by.service != service {
		return nil, "", refuse("InvalidSignatureException", "Credential should be scoped to correct service: '%s'.", service)
	}
	for _, name := range []string{"host", "x-amz-date", "x-amz-security-token", "x-amz-target"} {
		if (name == "host" || r.Header.Get(name) != "") && !slices.Contains(by.headers, name) {
			return nil, "", refuse("InvalidSignatureException", "'%s' must be a 'SignedHeader' in the AWS Authorization.", name)
		}
	}
	canonical := by.canonical(r, body)
	if !hmac.Equal([]byte(by.sign(who.SecretAccessKey, r.Header.Get("X-Amz-Date"), canonical)), []byte(by.signature)) {
		return nil, "", refuse("InvalidSignatureException", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'%s'\n", canonical)
	}
	if !who.expires.IsZero() && s.now().After(who.expires) {
		return nil, "", refuse("ExpiredTokenException", "The security token included in the request is expired")
	}
	return who, by.region, nil
}

func (s *Server) checkTime(by signed, date string) *refusal {
	at, err := time.Parse(timeForm, date)
	now := s.now().UTC()
	switch {
	case err != nil || !strings.HasPrefix(date, by.date):
		return refuse("IncompleteSignatureException", "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.")
	case now.Sub(at) > maxSkew:
		return refuse("InvalidSignatureException", "Signature expired: %s is now earlier than %s (%s - 5 min.)", date, now.Add(-maxSkew).Format(timeForm), now.Format(timeForm))
	case at.Sub(now) > maxSkew:
		return refuse("InvalidSignatureException", "Signature not yet current: %s is still later than %s (%s + 5 min.)", date, now.Add(maxSkew).Format(timeForm), now.Format(timeForm))
	}
	return nil
}

func (by signed) canonical(r *http.Request, body []byte) string {
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	lines := []string{r.Method, path, strings.ReplaceAll(url.Values(r.URL.Query()).Encode(), "+", "%20")}
	for _, name := range by.headers {
		lines = append(lines, name+":"+headerOf(r, name))
	}
	sum := sha256.Sum256(body)
	return strings.Join(append(lines, "", strings.Join(by.headers, ";"), hex.EncodeToString(sum[:])), "\n")
}

// headerOf returns a header as it is signed. Go keeps some of them apart from the others.
func headerOf(r *http.Request, name string) string {
	switch name {
	case "host":
		return r.Host
	case "content-length":
		return fmt.Sprint(r.ContentLength)
	}
	values := r.Header.Values(name)
	for i, v := range values {
		values[i] = strings.Join(strings.Fields(v), " ")
	}
	return strings.Join(values, ",")
}

func (by signed) sign(secret, date, canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	scope := strings.Join([]string{by.date, by.region, by.service, "aws4_request"}, "/")
	key := []byte("AWS4" + secret)
	for _, part := range strings.Split(scope, "/") {
		key = mac(key, part)
	}
	return hex.EncodeToString(mac(key, strings.Join([]string{"AWS4-HMAC-SHA256", date, scope, hex.EncodeToString(sum[:])}, "\n")))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
