package awsserver

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/sealwax/sealwax/internal/e2e/front"
)

// Front stands before a KMS, this one or another, and can refuse requests as AWS would.
type Front struct{ *front.Front }

// NewFront returns a Front before next that disturbs nothing.
func NewFront(next http.Handler) *Front { return &Front{front.New(next, Operation)} }

// Operation names what a request asks for: "Decrypt", or "AssumeRoleWithWebIdentity" of STS.
func Operation(r *http.Request) string {
	if _, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return operation
	}
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body)) // for who comes next
	if err != nil {
		return ""
	}
	form, _ := url.ParseQuery(string(body)) // what cannot be read asks for nothing
	return form.Get("Action")
}

// Deny makes requests of these operations, or every request, fail as without the right to it.
func (f *Front) Deny(operations ...string) {
	f.Front.Refuse(func(w http.ResponseWriter, r *http.Request) {
		refuse("AccessDeniedException", "User: arn:aws:sts::111122223333:assumed-role/app/test is not authorized to perform: kms:%s on this resource because no identity-based policy allows the kms:%[1]s action", Operation(r)).answer(w)
	}, 0, operations...)
}

// Fail makes the next n requests fail with status 500.
func (f *Front) Fail(n int) {
	broken := refusal{http.StatusInternalServerError, "KMSInternalException", "The request was rejected because an internal exception occurred."}
	f.Front.Refuse(broken.serve, n)
}

// Throttle makes the next n requests fail as over the quota.
func (f *Front) Throttle(n int) {
	f.Front.Refuse(refuse("ThrottlingException", "Rate exceeded").serve, n)
}

// Refuse makes every request fail with this code of AWS.
func (f *Front) Refuse(code, message string) { f.Front.Refuse(refuse(code, "%s", message).serve, 0) }
