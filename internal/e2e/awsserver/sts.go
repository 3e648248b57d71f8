package awsserver

import (
	"crypto/rand"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// NewWebIdentity returns a token with which a role may be assumed.
func (s *Server) NewWebIdentity(role string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	token := "eyJ" + rand.Text()
	s.tokens[token] = role
	return token
}

// SetSessions says how long the sessions last that are begun from now on. It is an hour unless set.
func (s *Server) SetSessions(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions = d
}

func isSTS(r *http.Request) bool { return r.Header.Get("X-Amz-Target") == "" }

func (s *Server) serveSTS(w http.ResponseWriter, r *http.Request, body []byte) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		stsRefuse(w, refuse("MalformedInput", ""))
		return
	}
	switch form.Get("Action") {
	case "GetCallerIdentity":
		who, _, refused := s.authenticate(r, body, "sts")
		if refused != nil {
			stsRefuse(w, refused)
			return
		}
		answerXML(w, http.StatusOK, fmt.Sprintf("<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>%s</Arn><UserId>AIDAEXAMPLE</UserId><Account>%s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>", who.arn, who.account))
	case "AssumeRoleWithWebIdentity":
		s.assumeRole(w, form)
	default:
		stsRefuse(w, refuse("InvalidAction", "Could not find operation %s", form.Get("Action")))
	}
}

func (s *Server) assumeRole(w http.ResponseWriter, form url.Values) {
	trusted, ok := s.tokens[form.Get("WebIdentityToken")]
	if !ok {
		stsRefuse(w, refuse("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider"))
		return
	}
	if trusted != form.Get("RoleArn") {
		stsRefuse(w, &refusal{http.StatusForbidden, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"})
		return
	}
	parts := strings.Split(trusted, ":") // arn:aws:iam::ACCOUNT:role/NAME
	account, name := parts[4], strings.TrimPrefix(parts[5], "role/")
	ends := s.now().Add(s.sessions)
	arn := "arn:aws:sts::" + account + ":assumed-role/" + name + "/" + form.Get("RoleSessionName")
	c := s.newCredentials(account, arn, ends)
	answerXML(w, http.StatusOK, fmt.Sprintf("<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><AssumedRoleUser><Arn>%s</Arn><AssumedRoleId>AROAEXAMPLE</AssumedRoleId></AssumedRoleUser><Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>%s</SecretAccessKey><SessionToken>%s</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>",
		arn, c.AccessKeyID, c.SecretAccessKey, c.SessionToken, ends.UTC().Format(time.RFC3339)))
}

func stsRefuse(w http.ResponseWriter, r *refusal) {
	var message strings.Builder
	xml.EscapeText(&message, []byte(r.message)) // a Builder takes everything
	answerXML(w, r.status, "<ErrorResponse><Error><Type>Sender</Type><Code>"+r.code+"</Code><Message>"+message.String()+"</Message></Error></ErrorResponse>")
}

func answerXML(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	w.Write([]byte(body)) // the client has gone if this fails
}
