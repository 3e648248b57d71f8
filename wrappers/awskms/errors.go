package awskms

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go/aws/awserr"
	"github.com/aws/aws-sdk-go/aws/request"

	"github.com/sealwax/sealwax/internal/quote"
)

// callError is a request that failed, in one line. The SDK's errors have several lines, may hold an answer's whole body,
// and hide what caused them from errors.As, so only their parts are kept.
type callError struct {
	action string // "kms:Decrypt", as policies call it; "" if it is known without
	status int    // of the HTTP answer, 0 without one
	code   string // AWS's name for the error
	text   string // AWS's words
	cause  error  // of the network or the system; nil if AWS answered
}

// newCallError takes the secrets out of what was answered: KMS repeats a request that is signed wrongly, and so may a
// proxy's page.
func newCallError(action string, err error, secrets ...string) error {
	e := &callError{action: action}
	for err != nil {
		failed, ok := errors.AsType[awserr.Error](err)
		if !ok {
			e.cause = err
			break
		}
		if e.status == 0 { // the innermost says it best, down to the answer
			e.note(failed, secrets)
		}
		err = failed.OrigErr()
	}
	return e
}

// note keeps what an error of the SDK's chain says.
func (e *callError) note(failed awserr.Error, secrets []string) {
	e.code, e.text = hide(failed.Code(), secrets), hide(failed.Message(), secrets)
	if answered, ok := failed.(awserr.RequestFailure); ok {
		e.status = answered.StatusCode()
	}
}

// foreign reports whether an answer was not in the words of AWS.
func (e *callError) foreign() bool { return e.status != 0 && e.code == request.ErrCodeSerialization }

var signature = regexp.MustCompile(`Signature=[0-9a-f]{64}`)

// hide returns text without secrets, signatures and line breaks, at most 300 bytes of it.
func hide(text string, secrets []string) string {
	for _, s := range secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "[secret]")
		}
	}
	text = signature.ReplaceAllString(text, "Signature=[secret]")
	text, _, _ = strings.Cut(text, "The Canonical String for this request should have been") // it is the request
	return quote.Line(text)
}

func (e *callError) Error() string {
	prefix := ""
	if e.action != "" {
		prefix = "awskms: " + e.action + ": "
	}
	switch {
	case e.foreign():
		return fmt.Sprintf("%sanswered %d %s, and not as AWS does: %v", prefix, e.status, http.StatusText(e.status), e.cause)
	case e.status != 0:
		return strings.TrimSuffix(fmt.Sprintf("%sAWS answered %d %s: %s", prefix, e.status, e.code, e.text), ": ")
	case e.cause != nil:
		return fmt.Sprintf("%s%v", prefix, e.cause)
	}
	return fmt.Sprintf("%s%s: %s", prefix, e.code, e.text)
}

func (e *callError) Unwrap() error { return e.cause }

// setupError is something that the operator has to put right here, not at AWS.
type setupError struct{ err error }

func (e *setupError) Error() string { return e.err.Error() }
func (e *setupError) Unwrap() error { return e.err }
