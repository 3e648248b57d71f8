package transit

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/sealwax/sealwax/internal/neterror"
	"github.com/sealwax/sealwax/wrappers"
)

// Classify knows Vault's answers by status and, where one status stands for many things, by text. Whatever it does not
// know is of the network, and Later.
func (w *Wrapper) Classify(err error) (wrappers.Class, string) {
	var (
		setup    *setupError
		otherKey *otherKeyError
		denied   *deniedError
	)
	switch {
	case errors.As(err, &setup):
		return wrappers.Ask, ""
	case errors.As(err, &otherKey):
		return wrappers.Never, "set mount_path and key_name to the key that wrapped it"
	case errors.As(err, &denied):
		return wrappers.Ask, "allow it: " + rule(denied.path, "update")
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
		return wrappers.Ask, w.hintForDenied(err)
	case status == http.StatusNotFound && pathOf(err) == w.config.keyPath() && !strings.Contains(err.Error(), "no handler for route"):
		return wrappers.Ask, w.inHint(noKey)
	case status == http.StatusNotFound && strings.HasPrefix(pathOf(err), w.config.mount()+"/"):
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
func (w *Wrapper) hintForDenied(err error) string {
	path, capability := pathOf(err), "update"
	if refusal(err).HTTPMethod == http.MethodGet {
		capability = "read"
	}
	hint := "renew the token if it has expired, and allow it to do this: " + rule(path, capability)
	if path == w.config.path("encrypt") {
		hint += "; Vault says the same when there is no " + w.config.keyPath()
	}
	return hint
}

// rule is a line of a policy.
func rule(path, capability string) string {
	return fmt.Sprintf("path %q { capabilities = [%q] }", path, capability)
}

const noKey = "check key_name and namespace: there is no KEY"

// badRequests are the answers of status 400, by a part of their text. Those that are not here are about the blob.
var badRequests = []struct {
	text  string
	class wrappers.Class
	hint  string // for inHint
}{
	{"too old", wrappers.Ask, "allow the version again, then run keyring rewrap: vault write KEY/config min_decryption_version=1"},
	{"version is too new", wrappers.Ask, "KEY lacks the version that wrapped this: was the Vault restored from a backup, or the key made anew?"},
	{"encryption key not found", wrappers.Ask, noKey},
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
			return known.class, w.inHint(known.hint)
		}
	}
	return wrappers.Never, ""
}

// inHint puts the key's path for KEY.
func (w *Wrapper) inHint(text string) string {
	return strings.ReplaceAll(text, "KEY", w.config.keyPath())
}

// networkHints are for what somebody has to put right.
var networkHints = map[neterror.Kind]string{
	neterror.UnknownAuthority:   "set tls_ca_cert to the authority that signed Vault's certificate",
	neterror.OtherName:          "set tls_server_name to a name that Vault's certificate has",
	neterror.InvalidCertificate: "renew Vault's certificate, or check the clock",
	neterror.NoTLS:              "check address: no TLS is spoken there",
	neterror.RefusedTLS:         "set tls_client_cert and tls_client_key if Vault wants them",
}

func (w *Wrapper) classifyNetwork(err error) (wrappers.Class, string) {
	if hint := networkHints[neterror.KindOf(err)]; hint != "" {
		return wrappers.Ask, hint
	}
	return wrappers.Later, "check that a Vault answers at " + w.config.address()
}
