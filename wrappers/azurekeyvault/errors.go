package azurekeyvault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/sealwax/sealwax/internal/quote"
)

// request says what was asked, and of which key.
type request struct {
	op  string // a path of the API
	key string // a URL, with the version if one was asked for
}

const (
	login    = "login" // the op of a refusal by whoever gives out tokens
	keyVault = "Key Vault"
)

// refusal is an answer that is an error, in one line: Azure's library spreads it over twenty, with the whole body. That
// body is not in its chain, since what stands before a vault may answer with the request.
type refusal struct {
	request
	who    string // answered: "Key Vault", or the host of a login
	status int
	code   string // "Forbidden", or at the login "invalid_client"
	inner  string // "KeyDisabled", or "AADSTS7000222"
	text   string // at most 300 bytes
}

func (e *refusal) Error() string {
	code := e.code
	if e.inner != "" {
		code += " (" + e.inner + ")"
	}
	return fmt.Sprintf("azurekeyvault: %s: %s answered %d %s: %s", e.op, e.who, e.status, code, e.text)
}

// setupError is something that the operator has to put right here, not at Azure.
type setupError struct{ err error }

func (e *setupError) Error() string { return e.err.Error() }
func (e *setupError) Unwrap() error { return e.err }

// identityError is the default chain's: nothing on this machine can log in.
type identityError struct{ text string }

func (e *identityError) Error() string { return "azurekeyvault: login: " + e.text }

type otherKeyError struct{ got, want string }

func (e *otherKeyError) Error() string {
	return fmt.Sprintf("azurekeyvault: wrapped under %q, the config names %q", e.got, e.want)
}

// challenged finds the library's own complaints of who wants a token, and for whom.
var challenged = regexp.MustCompile(`WWW-Authenticate|challenge resource "`)

// explain returns an error of our own for one of Azure's library. Network is what the connections said, nil for nothing.
func explain(ctx context.Context, r request, err, network error, secret string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("azurekeyvault: %s: %w", r.op, context.Cause(ctx))
	}
	var (
		answered *azcore.ResponseError
		failed   *azidentity.AuthenticationFailedError
	)
	switch {
	case errors.As(err, &answered) && answered.RawResponse != nil:
		return newRefusal(r, answered.RawResponse)
	case errors.As(err, &failed) && failed.RawResponse != nil:
		return newLoginRefusal(r, failed.RawResponse, secret)
	case strings.Contains(err.Error(), "with Body length 0"):
		// The client answers a refused token by sending the request again, whose body has been read.
		return &refusal{r, keyVault, http.StatusUnauthorized, "Unauthorized", "", "the vault does not accept the token"}
	case !errors.As(err, &failed) && strings.HasPrefix(err.Error(), "DefaultAzureCredential: "):
		return &identityError{oneLine(err.Error(), secret)}
	case network != nil:
		return fmt.Errorf("azurekeyvault: %s: %w", r.op, network)
	case errors.As(err, &failed):
		return fmt.Errorf("azurekeyvault: login: %s", oneLine(err.Error(), secret))
	case challenged.MatchString(err.Error()):
		return &setupError{fmt.Errorf("azurekeyvault: %s: is that a Key Vault? %s", r.op, oneLine(err.Error(), secret))}
	}
	return fmt.Errorf("azurekeyvault: %s: %w", r.op, err)
}

// newRefusal reads {"error": {"code": …, "message": …, "innererror": {"code": …}}}.
func newRefusal(r request, answer *http.Response) *refusal {
	var body struct {
		Error struct {
			Code, Message string
			InnerError    struct{ Code string }
		}
	}
	raw := bodyOf(answer)
	e := &refusal{request: r, who: keyVault, status: answer.StatusCode}
	token := strings.TrimPrefix(answer.Request.Header.Get("Authorization"), "Bearer ")
	if json.Unmarshal(raw, &body) != nil || body.Error.Code == "" {
		e.code = http.StatusText(e.status)
		e.text = oneLine(string(raw), token) // of a proxy, perhaps
		return e
	}
	e.code, e.inner, e.text = oneLine(body.Error.Code, token), oneLine(body.Error.InnerError.Code, token), oneLine(body.Error.Message, token)
	return e
}

var entraCode = regexp.MustCompile(`^AADSTS\d+`)

// newLoginRefusal reads {"error": "invalid_client", "error_description": "AADSTS7000215: … Trace ID: …"}. Of a body in
// another form nothing is shown: a form with the client's secret, or an assertion, went there.
func newLoginRefusal(r request, answer *http.Response, secret string) *refusal {
	var body struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	e := &refusal{request: request{login, r.key}, who: answer.Request.URL.Host, status: answer.StatusCode, code: http.StatusText(answer.StatusCode)}
	if json.Unmarshal(bodyOf(answer), &body) != nil || body.Error == "" {
		e.text = "in a form that is not its own"
		return e
	}
	text, _, _ := strings.Cut(body.Description, "Trace ID:")
	e.inner = entraCode.FindString(text)
	e.code = oneLine(body.Error, secret)
	e.text = oneLine(strings.TrimPrefix(strings.TrimPrefix(text, e.inner), ":"), secret)
	return e
}

func bodyOf(answer *http.Response) []byte {
	raw, err := runtime.Payload(answer) // kept by the library
	if err != nil {
		return nil
	}
	return raw
}

// oneLine returns at most 300 bytes of a text, without a secret in either of its spellings.
func oneLine(text, secret string) string {
	if secret != "" {
		text = strings.NewReplacer(secret, "[secret]", url.QueryEscape(secret), "[secret]").Replace(text)
	}
	return quote.Line(text)
}
