package transit

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/vault/api"

	"github.com/sealwax/sealwax/wrappers"
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

// reason returns what Vault said, at most 300 bytes of it: a proxy in between answers with a page.
func reason(refused *api.ResponseError) string {
	const longest = 300
	text := strings.Join(strings.Fields(strings.Join(refused.Errors, "; ")), " ")
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	if text == "" {
		text = http.StatusText(refused.StatusCode)
	}
	return text
}

// setupError is something that the operator has to put right here, not at Vault.
type setupError struct{ err error }

func (e *setupError) Error() string { return e.err.Error() }
func (e *setupError) Unwrap() error { return e.err }

type otherKeyError struct{ got, want string }

func (e *otherKeyError) Error() string {
	return fmt.Sprintf("transit: wrapped under %q, the config names %q", e.got, e.want)
}

func statusOf(err error) int {
	var refused *api.ResponseError
	if errors.As(err, &refused) {
		return refused.StatusCode
	}
	return 0
}

// Classify knows Vault's answers by status and, where one status stands for many things, by text. Whatever it does not
// know is of the network, and Later.
func (w *Wrapper) Classify(err error) (wrappers.Class, string) {
	var (
		setup    *setupError
		otherKey *otherKeyError
	)
	switch {
	case errors.As(err, &setup):
		return wrappers.Ask, ""
	case errors.As(err, &otherKey):
		return wrappers.Never, "set mount_path and key_name to the key that wrapped it"
	case errors.Is(err, wrappers.ErrMalformed):
		return wrappers.Never, ""
	}
	if status := statusOf(err); status != 0 {
		return w.classifyStatus(status, err)
	}
	return w.classifyNetwork(err)
}

func (w *Wrapper) classifyStatus(status int, err error) (wrappers.Class, string) {
	switch {
	case status == http.StatusBadRequest:
		return w.classifyBadRequest(err.Error())
	case status == http.StatusForbidden:
		return wrappers.Ask, w.hintForDenied(pathOf(err))
	case status == http.StatusNotFound:
		return wrappers.Ask, fmt.Sprintf("check address, namespace and mount_path: there is no Transit engine at %s/", w.config.mount())
	case status == http.StatusServiceUnavailable && strings.Contains(err.Error(), "sealed"):
		return wrappers.Later, "unseal the Vault"
	case status == http.StatusTooManyRequests:
		return wrappers.Later, "raise the rate limit quota at Vault, or start fewer processes at once"
	case status == http.StatusPreconditionFailed, status >= http.StatusInternalServerError:
		return wrappers.Later, "try again; the log of Vault, or of a proxy before it, says more"
	}
	return wrappers.Ask, "check that address is that of a Vault"
}

// hintForDenied knows that Vault asks for "create" to encrypt under a key that it does not have.
func (w *Wrapper) hintForDenied(path string) string {
	hint := fmt.Sprintf("renew the token if it has expired, and allow it to do this: path %q { capabilities = [\"update\"] }", path)
	if path == w.config.path("encrypt") {
		hint += "; Vault says the same when there is no " + w.config.keyPath()
	}
	return hint
}

func pathOf(err error) string {
	var call *callError
	if errors.As(err, &call) {
		return call.path
	}
	return ""
}

// badRequests are the answers of status 400, by a part of their text. Those that are not here are about the blob.
var badRequests = []struct {
	text  string
	class wrappers.Class
	hint  string // KEY is the key's path
}{
	{"too old", wrappers.Ask, "allow the version again, then run keyring rewrap: vault write KEY/config min_decryption_version=1"},
	{"version is too new", wrappers.Ask, "KEY lacks the version that wrapped this: was the Vault restored from a backup, or the key made anew?"},
	{"encryption key not found", wrappers.Ask, "check key_name and namespace: there is no KEY"},
	{"non-AEAD", wrappers.Ask, "use a key of type aes256-gcm96, which binds associated data"},
	{"missing 'context'", wrappers.Ask, "use a key that is not derived"},
	{"not supported for key type", wrappers.Ask, "use a key of type aes256-gcm96"},
	{"missing client token", wrappers.Ask, "set token"},
	{"HTTP request to an HTTPS server", wrappers.Ask, "begin address with https://"},
	{"message authentication failed", wrappers.Never, "was it wrapped by another Vault or namespace, or KEY made anew since?"},
}

func (w *Wrapper) classifyBadRequest(text string) (wrappers.Class, string) {
	for _, known := range badRequests {
		if strings.Contains(text, known.text) {
			return known.class, strings.ReplaceAll(known.hint, "KEY", w.config.keyPath())
		}
	}
	return wrappers.Never, ""
}

func (w *Wrapper) classifyNetwork(err error) (wrappers.Class, string) {
	var (
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
		record   tls.RecordHeaderError
		alert    tls.AlertError
	)
	switch {
	case errors.As(err, &unknown):
		return wrappers.Ask, "set tls_ca_cert to the authority that signed Vault's certificate"
	case errors.As(err, &hostname):
		return wrappers.Ask, "set tls_server_name to a name that Vault's certificate has"
	case errors.As(err, &invalid):
		return wrappers.Ask, "renew Vault's certificate, or check the clock"
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return wrappers.Ask, "check address: no TLS is spoken there"
	case errors.As(err, &alert):
		return wrappers.Ask, "set tls_client_cert and tls_client_key if Vault wants them"
	}
	return wrappers.Later, "check that a Vault answers at " + w.config.address()
}
