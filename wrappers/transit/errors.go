package transit

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/vault/api"

	"github.com/sealwax/sealwax/internal/quote"
)

// callError is a request that failed, in one line: Vault's client spreads it over six.
type callError struct {
	path string
	err  error
}

// newCallError takes the tokens out of what was answered: a proxy's page may repeat the request.
func newCallError(path string, err error, tokens ...string) *callError {
	var refused *api.ResponseError
	if errors.As(err, &refused) {
		for i, text := range refused.Errors {
			refused.Errors[i] = hide(text, tokens)
		}
	}
	return &callError{path, err}
}

func hide(text string, tokens []string) string {
	for _, token := range tokens {
		if token != "" {
			text = strings.ReplaceAll(text, token, "[token]")
		}
	}
	return text
}

func (e *callError) Error() string {
	var refused *api.ResponseError
	if !errors.As(e.err, &refused) {
		return fmt.Sprintf("transit: %s: %v", e.path, e.err)
	}
	return fmt.Sprintf("transit: %s: Vault answered %d: %s", e.path, refused.StatusCode, reason(refused))
}

func (e *callError) Unwrap() error { return e.err }

// reason returns what Vault said, at most 300 bytes of it: a proxy in between answers with a page. Vault counts its
// errors also when there is one.
func reason(refused *api.ResponseError) string {
	text := strings.Join(strings.Fields(strings.Join(refused.Errors, "; ")), " ")
	text = strings.TrimPrefix(text, "1 error occurred: * ")
	return cmp.Or(quote.Line(text), http.StatusText(refused.StatusCode))
}

// setupError is something that the operator has to put right here, not at Vault.
type setupError struct{ err error }

func (e *setupError) Error() string { return e.err.Error() }
func (e *setupError) Unwrap() error { return e.err }

type otherKeyError struct{ got, want string }

func (e *otherKeyError) Error() string {
	return fmt.Sprintf("transit: wrapped under %q, the config names %q", e.got, e.want)
}

// deniedError is what Vault says a call would meet.
type deniedError struct {
	path    string
	allowed []string
}

func (e *deniedError) Error() string {
	return fmt.Sprintf("transit: the token's policies allow %q on %s and not \"update\"", e.allowed, e.path)
}

// refusal returns what Vault answered, the zero ResponseError for an error that is no answer.
func refusal(err error) *api.ResponseError {
	refused := new(api.ResponseError)
	errors.As(err, &refused)
	return refused
}

func statusOf(err error) int { return refusal(err).StatusCode }

func pathOf(err error) string {
	var call *callError
	if errors.As(err, &call) {
		return call.path
	}
	return ""
}
