package gcpckms

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/grpc/status"
)

// callError is a request that failed, in one line. Google's library prints its own with all details, over several.
type callError struct {
	op       string // "encrypt"
	err      error
	answered bool   // by Cloud KMS, and not by this process or a proxy
	account  string // who asked: an e-mail address; "" if the credentials do not tell
}

func (e *callError) Error() string {
	said, ok := status.FromError(e.err)
	switch {
	case !ok:
		return fmt.Sprintf("gcpckms: %s: %v", e.op, e.err)
	case e.answered:
		return fmt.Sprintf("gcpckms: %s: Cloud KMS answered %s: %s", e.op, said.Code(), withoutRequest(said.Message()))
	}
	return fmt.Sprintf("gcpckms: %s: %s", e.op, withoutRequest(withoutAnswer(said.Message())))
}

func (e *callError) Unwrap() error { return e.err }

// reason returns what Google calls the cause, "IAM_PERMISSION_DENIED", and what it says about it.
func (e *callError) reason() (string, map[string]string) {
	if api, ok := apierror.FromError(e.err); ok {
		return api.Reason(), api.Metadata()
	}
	return "", nil
}

var (
	// page is how gRPC shows the beginning of an answer that is not gRPC's.
	page = regexp.MustCompile(`(?s)\s+data: ".*`)
	// tunnel is how it shows that a proxy opens no connection: in quotes within quotes, the whole answer behind its first
	// line.
	tunnel = regexp.MustCompile(`(failed to do connect handshake, response: )\\?"([^\\"]*).*`)
	// token is what Google's access tokens look like, and those that a service account signs itself.
	token = regexp.MustCompile(`ya29\.[\w.-]+|eyJ[\w-]+\.[\w-]+\.[\w-]+`)
)

// withoutRequest takes out what a proxy, or whoever else stands before Cloud KMS, may have repeated of the request.
func withoutRequest(text string) string {
	text = tunnel.ReplaceAllString(page.ReplaceAllString(text, ""), "$1$2")
	return token.ReplaceAllString(text, "[token]")
}

// tokenAnswer is how Google's library prints what a token endpoint answered.
var tokenAnswer = regexp.MustCompile(`(?s)(cannot fetch token: [0-9]+)\s+Response: (.*)`)

// withoutAnswer keeps of a token endpoint's answer what OAuth 2 says that it has. The rest may repeat the request, and
// with it a refresh token or a signed assertion.
func withoutAnswer(text string) string {
	parts := tokenAnswer.FindStringSubmatch(text)
	if parts == nil {
		return text
	}
	var answer struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal([]byte(parts[2]), &answer) != nil || answer.Error == "" {
		answer.Error = "[an answer that is not of OAuth 2]"
	}
	return tokenAnswer.ReplaceAllLiteralString(text, strings.TrimSpace(parts[1]+" "+answer.Error+" "+answer.Description))
}

// setupError is something that the operator has to put right here, not at Cloud KMS.
type setupError struct{ err error }

func (e *setupError) Error() string { return e.err.Error() }
func (e *setupError) Unwrap() error { return e.err }

type otherKeyError struct{ got, want string }

func (e *otherKeyError) Error() string {
	return fmt.Sprintf("gcpckms: wrapped under %q, the config names %q", e.got, e.want)
}

// notGrantedError is a permission that Cloud KMS says we do not have.
type notGrantedError struct{ permission, account string }

func (e *notGrantedError) Error() string { return "gcpckms: not granted: " + e.permission }

var errOtherKey = errors.New("gcpckms: Cloud KMS answered with another key than was asked for")
