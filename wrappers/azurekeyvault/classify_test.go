package azurekeyvault

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/sealwax/sealwax/wrappers"
)

func TestClassify(t *testing.T) {
	vault := func(op string, status int, code, inner string) error {
		return &refusal{request{op, appURL + "/" + version}, keyVault, status, code, inner, "because"}
	}
	entra := func(status int, code, inner string) error {
		return &refusal{request{login, appURL}, "login.microsoftonline.com", status, code, inner, "because"}
	}
	w := newTestWrapper(t, Config{TenantID: "72f9", ClientID: "b7a3", ClientSecret: secretIs("8Q~x"), VaultName: "prod", KeyName: "app"})
	for _, c := range []struct {
		err   error
		class wrappers.Class
		hint  string
	}{
		{vault(unwrapKey, 403, "Forbidden", "KeyDisabled"), wrappers.Ask, "enable it again: az keyvault key set-attributes --id " + appURL + "/" + version + " --enabled true"},
		{vault(wrapKey, 403, "Forbidden", "KeyExpired"), wrappers.Ask, "make a new version: az keyvault key rotate --vault-name prod --name app"},
		{vault(wrapKey, 403, "Forbidden", "KeyNotYetValid"), wrappers.Ask, "wait, or set another beginning"},
		{vault(wrapKey, 403, "Forbidden", "KeyOperationForbidden"), wrappers.Ask, "allow it: az keyvault key set-attributes"},
		{vault(unwrapKey, 403, "Forbidden", "ForbiddenByRbac"), wrappers.Ask, `grant it, and wait for some minutes: az role assignment create --role "Key Vault Crypto Service Encryption User" --assignee b7a3 --scope "$(az keyvault show --name prod --query id -o tsv)/keys/app"`},
		{vault(unwrapKey, 403, "Forbidden", "AccessDenied"), wrappers.Ask, "grant it: az keyvault set-policy --name prod --spn b7a3 --key-permissions wrapKey unwrapKey"},
		{vault(unwrapKey, 403, "Forbidden", "ForbiddenByPolicy"), wrappers.Ask, "grant it: az keyvault set-policy"},
		{vault(unwrapKey, 403, "Forbidden", "ForbiddenByFirewall"), wrappers.Ask, "let this address in: az keyvault network-rule add --name prod"},
		{vault(unwrapKey, 403, "Forbidden", "ForbiddenByConnection"), wrappers.Ask, "use the vault's private endpoint"},
		{vault(unwrapKey, 403, "Forbidden", ""), wrappers.Ask, "grant wrapKey and unwrapKey on " + appURL + "/" + version + " to b7a3"},
		{vault(unwrapKey, 401, "Unauthorized", ""), wrappers.Ask, "check tenant_id: az keyvault show --name prod"},
		{vault(unwrapKey, 404, "KeyNotFound", ""), wrappers.Ask, "check vault_name and key_name: there is no " + appURL + "/" + version + "; if it was deleted: az keyvault key recover --vault-name prod --name app"},
		{vault(unwrapKey, 404, "Not Found", ""), wrappers.Ask, "check that vault_name and resource are those of a Key Vault"},
		{vault(unwrapKey, 409, "Conflict", "ObjectIsDeletedButRecoverable"), wrappers.Ask, "recover it: az keyvault key recover"},
		{vault(unwrapKey, 409, "Conflict", "ObjectIsBeingRecovered"), wrappers.Later, "wait until the key is recovered"},
		{vault(unwrapKey, 400, "BadParameter", ""), wrappers.Never, ""},
		{vault(wrapKey, 400, "BadParameter", ""), wrappers.Ask, "use an RSA key: az keyvault key create --vault-name prod --name app --kty RSA"},
		{vault(unwrapKey, 400, "Bad Request", ""), wrappers.Ask, "check that vault_name and resource"},
		{vault(unwrapKey, 408, "Request Timeout", ""), wrappers.Later, "try again"},
		{vault(unwrapKey, 429, "Throttled", ""), wrappers.Later, "start fewer processes at once"},
		{vault(unwrapKey, 503, "Service Unavailable", ""), wrappers.Later, "try again"},
		{entra(401, "invalid_client", "AADSTS7000215"), wrappers.Ask, "set client_secret to the secret's value, which is not its ID; for a new one: az ad app credential reset --id b7a3"},
		{entra(401, "invalid_client", "AADSTS7000222"), wrappers.Ask, "make a new secret and put it where client_secret comes from: az ad app credential reset --id b7a3"},
		{entra(400, "unauthorized_client", "AADSTS700016"), wrappers.Ask, "check client_id, and that tenant_id"},
		{entra(400, "invalid_tenant", "AADSTS90002"), wrappers.Ask, "check tenant_id and environment"},
		{entra(400, "invalid_request", "AADSTS900023"), wrappers.Ask, "check tenant_id"},
		{entra(400, "invalid_resource", "AADSTS500011"), wrappers.Ask, "check resource and environment"},
		{entra(400, "invalid_scope", "AADSTS70011"), wrappers.Ask, "check resource and environment"},
		{entra(400, "invalid_grant", "AADSTS53003"), wrappers.Ask, "check tenant_id, client_id and client_secret"},
		{entra(503, "temporarily_unavailable", "AADSTS90033"), wrappers.Later, "try again"},
		{&net.DNSError{Err: "no such host", Name: "prod.vault.azure.net", IsNotFound: true}, wrappers.Ask, "check vault_name and resource: there is no https://prod.vault.azure.net"},
		{&net.DNSError{Err: "server misbehaving"}, wrappers.Later, "check that https://prod.vault.azure.net and https://login.microsoftonline.com can be reached"},
		{x509.UnknownAuthorityError{}, wrappers.Ask, "let this machine trust the authority"},
		{x509.HostnameError{Certificate: new(x509.Certificate), Host: "prod"}, wrappers.Ask, "check who answers for https://prod.vault.azure.net"},
		{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, wrappers.Ask, "check who answers"},
		{x509.CertificateInvalidError{Reason: x509.Expired}, wrappers.Ask, "check the clock"},
		{io.ErrUnexpectedEOF, wrappers.Later, "check that https://prod.vault.azure.net"},
		{&setupError{errors.New("here")}, wrappers.Ask, ""},
		{&identityError{"none"}, wrappers.Ask, "set tenant_id, client_id and client_secret, or give this machine"},
		{&otherKeyError{"a", "b"}, wrappers.Never, "set vault_name and key_name to the key that wrapped it"},
		{wrappers.ErrMalformed, wrappers.Never, ""},
	} {
		class, hint := w.Classify(fmt.Errorf("wrapped: %w", c.err))
		if class != c.class || !strings.HasPrefix(hint, c.hint) || c.hint == "" && hint != "" {
			t.Errorf("Classify(%v): got %v, %q; want %v, %q", c.err, class, hint, c.class, c.hint)
		}
	}
}

func TestHintForAMachineWithoutAnIdentity(t *testing.T) {
	refused := &refusal{request{login, appURL}, "169.254.169.254", 400, "invalid_request", "", "Identity not found"}
	class, hint := newTestWrapper(t, app()).Classify(refused)
	if class != wrappers.Ask || hint != giveIdentity {
		t.Errorf("got %v, %q", class, hint)
	}
}

// A client ID that is only known where it is read is not in a command to paste.
func TestHintWithoutAClientID(t *testing.T) {
	for _, id := range []string{"", "file:///run/id"} {
		w := newTestWrapper(t, Config{ClientID: id, VaultName: "prod", KeyName: "app"})
		if _, hint := w.Classify(&refusal{request{unwrapKey, appURL}, keyVault, 403, "Forbidden", "AccessDenied", ""}); !strings.Contains(hint, "--spn CLIENT_ID ") {
			t.Errorf("client ID %q: got %q", id, hint)
		}
	}
}
