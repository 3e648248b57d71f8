package azurekeyvault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/sealwax/sealwax/wrappers"
)

// answered returns what Azure's library has of an answer.
func answered(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status,
		Request:    &http.Request{Header: http.Header{"Authorization": {"Bearer the.bearer.token"}}, URL: &url.URL{Host: "login.example"}},
		Header:     http.Header{},
		Body:       io.NopCloser(strings.NewReader(body)),
	}
}

const keySecret = "8Q~secret+of/app"

func explained(t *testing.T, err error) error {
	t.Helper()
	return explain(t.Context(), request{unwrapKey, appURL + "/" + version}, err, nil, keySecret)
}

func TestRefusalsInOneLine(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"as documented", 403, `{"error":{"code":"Forbidden","message":"Operation unwrapKey is not allowed\r\non a disabled key.","innererror":{"code":"KeyDisabled"}}}`,
			"azurekeyvault: unwrapkey: Key Vault answered 403 Forbidden (KeyDisabled): Operation unwrapKey is not allowed on a disabled key."},
		{"without an inner code", 404, `{"error":{"code":"KeyNotFound","message":"gone"}}`, "Key Vault answered 404 KeyNotFound: gone"},
		{"a page", 502, "<html>\n\n" + strings.Repeat("é", 400), "Key Vault answered 502 Bad Gateway: <html> éé"},
		{"the request on a page", 403, "you sent Bearer the.bearer.token", "Key Vault answered 403 Forbidden: you sent Bearer [secret]"},
		{"the token in a message", 403, `{"error":{"code":"Forbidden","message":"the.bearer.token is bad"}}`, "403 Forbidden: [secret] is bad"},
		{"nothing", 503, "", "Key Vault answered 503 Service Unavailable: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := explained(t, runtime.NewResponseError(answered(c.status, c.body)))
			if text := err.Error(); !strings.Contains(text, c.want) || strings.ContainsAny(text, "\r\n") || len(text) > 400 || strings.Contains(text, "bearer.token") {
				t.Errorf("got %q, want %q", text, c.want)
			}
			if errors.Unwrap(err) != nil {
				t.Errorf("the chain goes on to %T", errors.Unwrap(err))
			}
		})
	}
}

func TestLoginRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"as it is", 401, `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 6f6c\r\nTimestamp: 2026","error_codes":[7000215]}`,
			"azurekeyvault: login: login.example answered 401 invalid_client (AADSTS7000215): Invalid client secret provided."},
		{"without a number", 400, `{"error":"invalid_scope","error_description":"no"}`, "login.example answered 400 invalid_scope: no"},
		{"the secret", 400, `{"error":"invalid_request","error_description":"client_secret=` + keySecret + ` or ` + url.QueryEscape(keySecret) + `"}`, "invalid_request: client_secret=[secret] or [secret]"},
		{"a page with the form", 502, "client_secret=" + keySecret + "&client_assertion=ey.J.x", "login.example answered 502 Bad Gateway: in a form that is not its own"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := explained(t, &azidentity.AuthenticationFailedError{RawResponse: answered(c.status, c.body)})
			if text := err.Error(); !strings.HasSuffix(text, c.want) || strings.Contains(text, "8Q~") || strings.Contains(text, "ey.J") {
				t.Errorf("got %q, want %q", text, c.want)
			}
		})
	}
}

func TestOtherErrors(t *testing.T) {
	over, cancel := context.WithTimeoutCause(t.Context(), 0, errors.New("no answer within 10s"))
	defer cancel()
	<-over.Done()
	failed := &azidentity.AuthenticationFailedError{}
	for _, c := range []struct {
		name         string
		ctx          context.Context
		err, network error
		class        wrappers.Class
		want         string
	}{
		{"the context has ended", over, io.EOF, nil, wrappers.Later, "azurekeyvault: unwrapkey: no answer within 10s"},
		{"the login's network", t.Context(), failed, io.ErrUnexpectedEOF, wrappers.Later, "azurekeyvault: unwrapkey: unexpected EOF"},
		{"a login without an answer", t.Context(), fmt.Errorf("%w", failed), nil, wrappers.Later, "azurekeyvault: login: :"},
		{"no identity", t.Context(), errors.New("DefaultAzureCredential: failed to acquire a token.\nAttempted credentials:\n\tEnvironmentCredential: missing"), nil, wrappers.Ask,
			"azurekeyvault: login: DefaultAzureCredential: failed to acquire a token. Attempted credentials: EnvironmentCredential: missing"},
		{"no vault", t.Context(), errors.New("response has no WWW-Authenticate header for challenge authentication"), nil, wrappers.Ask, "azurekeyvault: unwrapkey: is that a Key Vault? response has no"},
		{"a vault of that name", t.Context(), errors.New(`Post "https://challenge.vault.azure.net": Forbidden`), nil, wrappers.Later, `azurekeyvault: unwrapkey: Post "https://challenge.`},
		{"a token for others", t.Context(), errors.New(`challenge resource "https://example.com" doesn't match the requested domain.`), nil, wrappers.Ask, "is that a Key Vault? challenge resource"},
		{"a token that is refused", t.Context(), errors.New(`Post "https://…": http: ContentLength=375 with Body length 0`), nil, wrappers.Ask, "azurekeyvault: unwrapkey: Key Vault answered 401 Unauthorized: the vault does not accept the token"},
		{"anything", t.Context(), io.ErrUnexpectedEOF, nil, wrappers.Later, "azurekeyvault: unwrapkey: unexpected EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := explain(c.ctx, request{unwrapKey, appURL}, c.err, c.network, keySecret)
			wantText(t, "explain", err, c.want)
			if class, hint := newTestWrapper(t, app()).Classify(err); class != c.class {
				t.Errorf("class: got %v (%s), want %v", class, hint, c.class)
			}
		})
	}
}

func TestWhoOneIs(t *testing.T) {
	for token, want := range map[string]string{
		"Bearer e30.eyJhcHBpZCI6ImI3YTMiLCJvaWQiOiI1ZjFkIiwidGlkIjoiNzJmOSJ9.c2ln": "application b7a3 (object 5f1d) of tenant 72f9",
		"Bearer e30.eyJ1cG4iOiJtZUBjb250b3NvLmNvbSIsInRpZCI6IjcyZjkifQ.c2ln":       "user me@contoso.com of tenant 72f9",
		"Bearer e30.e30.c2ln":   "",
		"Bearer e30.ey.c2ln":    "",
		"Bearer e30.%%%.c2ln":   "",
		"Bearer opaque":         "",
		"":                      "",
		"Bearer e30.W10.c2ln.x": "",
	} {
		if got := identityIn(token); got != want {
			t.Errorf("%s: got %q, want %q", token, got, want)
		}
	}
}

func TestDay(t *testing.T) {
	if got := day(time.Unix(1766361600, 0)); got != "2025-12-22" {
		t.Errorf("got %s", got)
	}
}

func TestLongTextIsCutBetweenLetters(t *testing.T) {
	text := oneLine(strings.Repeat("é", 400), "")
	if len(text) > 310 || !strings.HasSuffix(text, "é…") || !bytes.HasPrefix([]byte(text), []byte("éé")) {
		t.Errorf("got %d bytes, ending in %q", len(text), text[len(text)-6:])
	}
}
