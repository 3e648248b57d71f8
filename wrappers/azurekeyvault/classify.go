package azurekeyvault

import (
	"errors"
	"net/http"
	"strings"

	"github.com/sealwax/sealwax/internal/neterror"
	"github.com/sealwax/sealwax/wrappers"
)

const (
	checkLogin   = "check tenant_id, client_id and client_secret"
	giveIdentity = "set tenant_id, client_id and client_secret, or give this machine or its workload an identity"
)

// Classify knows Key Vault's answers by their codes and those of Microsoft Entra ID by their numbers. Whatever it does not
// know is of the network, and Later.
func (w *Wrapper) Classify(err error) (wrappers.Class, string) {
	var (
		setup    *setupError
		identity *identityError
		otherKey *otherKeyError
		refused  *refusal
	)
	switch {
	case errors.As(err, &setup):
		return wrappers.Ask, ""
	case errors.As(err, &identity):
		return wrappers.Ask, giveIdentity
	case errors.As(err, &otherKey):
		return wrappers.Never, "set vault_name and key_name to the key that wrapped it"
	case errors.Is(err, wrappers.ErrMalformed):
		return wrappers.Never, ""
	case errors.As(err, &refused):
		class, hint := classifyRefusal(refused)
		if refused.op == login && !w.config.hasSecret() && hint == checkLogin {
			hint = giveIdentity
		}
		return class, w.fill(hint, refused.key)
	}
	class, hint := classifyNetwork(err)
	return class, w.fill(hint, w.key)
}

// fill puts names into a hint. KEY is a key's URL, with the version that was asked for.
func (w *Wrapper) fill(hint, key string) string {
	client := w.config.ClientID
	if client == "" || strings.Contains(client, "://") {
		client = "CLIENT_ID"
	}
	return strings.NewReplacer("VAULT", w.config.VaultName, "NAME", w.config.KeyName, "KEY", key, "CLIENT", client,
		"HOST", w.config.endpoint(), "LOGIN", w.config.cloud().login).Replace(hint)
}

func classifyRefusal(e *refusal) (wrappers.Class, string) {
	switch {
	case e.status == http.StatusTooManyRequests:
		return wrappers.Later, "start fewer processes at once, or give them a vault of their own"
	case e.status >= http.StatusInternalServerError, e.status == http.StatusRequestTimeout:
		return wrappers.Later, "try again; https://azure.status.microsoft says whether others have it too"
	case e.op == login:
		return classifyLogin(e)
	}
	for _, known := range refusals {
		if known.matches(e) {
			return known.class, known.hint
		}
	}
	return wrappers.Ask, "check that vault_name and resource are those of a Key Vault"
}

// known is an answer that is known, by what is not empty.
type known struct {
	op     string
	status int
	code   string // or inner code
	class  wrappers.Class
	hint   string
}

func (k known) matches(e *refusal) bool {
	return (k.op == "" || k.op == e.op) && (k.status == 0 || k.status == e.status) && (k.code == "" || k.code == e.code || k.code == e.inner)
}

// refusals are Key Vault's, the particular ones before the general.
var refusals = []known{
	{code: "KeyDisabled", class: wrappers.Ask, hint: "enable it again: az keyvault key set-attributes --id KEY --enabled true"},
	{code: "KeyExpired", class: wrappers.Ask, hint: "make a new version: az keyvault key rotate --vault-name VAULT --name NAME"},
	{code: "KeyNotYetValid", class: wrappers.Ask, hint: "wait, or set another beginning: az keyvault key set-attributes --id KEY --not-before …"},
	{code: "KeyOperationForbidden", class: wrappers.Ask, hint: "allow it: az keyvault key set-attributes --id KEY --ops wrapKey unwrapKey"},
	{code: "ForbiddenByRbac", class: wrappers.Ask, hint: `grant it, and wait for some minutes: az role assignment create --role "Key Vault Crypto Service Encryption User" --assignee CLIENT --scope "$(az keyvault show --name VAULT --query id -o tsv)/keys/NAME"`},
	{code: "AccessDenied", class: wrappers.Ask, hint: "grant it: az keyvault set-policy --name VAULT --spn CLIENT --key-permissions wrapKey unwrapKey"},
	{code: "ForbiddenByPolicy", class: wrappers.Ask, hint: "grant it: az keyvault set-policy --name VAULT --spn CLIENT --key-permissions wrapKey unwrapKey"},
	{code: "ForbiddenByFirewall", class: wrappers.Ask, hint: "let this address in: az keyvault network-rule add --name VAULT --ip-address …"},
	{code: "ForbiddenByConnection", class: wrappers.Ask, hint: "use the vault's private endpoint: its name must resolve to a private address here"},
	{status: http.StatusForbidden, class: wrappers.Ask, hint: "grant wrapKey and unwrapKey on KEY to CLIENT, and see to the vault's firewall"},
	{status: http.StatusUnauthorized, class: wrappers.Ask, hint: "check tenant_id: az keyvault show --name VAULT --query properties.tenantId; and the clock"},
	{code: "ObjectIsBeingRecovered", class: wrappers.Later, hint: "wait until the key is recovered"},
	{status: http.StatusConflict, class: wrappers.Ask, hint: "recover it: az keyvault key recover --vault-name VAULT --name NAME"},
	{code: "KeyNotFound", class: wrappers.Ask, hint: "check vault_name and key_name: there is no KEY; if it was deleted: az keyvault key recover --vault-name VAULT --name NAME"},
	{op: unwrapKey, status: http.StatusBadRequest, code: "BadParameter", class: wrappers.Never},
	{op: wrapKey, status: http.StatusBadRequest, code: "BadParameter", class: wrappers.Ask, hint: "use an RSA key: az keyvault key create --vault-name VAULT --name NAME --kty RSA --size 4096"},
}

// logins are the refusals of Microsoft Entra ID.
var logins = []known{
	{code: "AADSTS7000215", class: wrappers.Ask, hint: "set client_secret to the secret's value, which is not its ID; for a new one: az ad app credential reset --id CLIENT --append"},
	{code: "AADSTS7000222", class: wrappers.Ask, hint: "make a new secret and put it where client_secret comes from: az ad app credential reset --id CLIENT --append"},
	{code: "AADSTS700016", class: wrappers.Ask, hint: "check client_id, and that tenant_id is the tenant that it belongs to"},
	{code: "AADSTS90002", class: wrappers.Ask, hint: "check tenant_id and environment"},
	{code: "AADSTS900023", class: wrappers.Ask, hint: "check tenant_id"},
	{code: "AADSTS500011", class: wrappers.Ask, hint: "check resource and environment: the login server knows no such vaults"},
	{code: "invalid_scope", class: wrappers.Ask, hint: "check resource and environment: the login server knows no such vaults"},
}

func classifyLogin(e *refusal) (wrappers.Class, string) {
	for _, known := range logins {
		if known.matches(e) {
			return known.class, known.hint
		}
	}
	return wrappers.Ask, checkLogin
}

// networkHints are for what somebody has to put right.
var networkHints = map[neterror.Kind]string{
	neterror.UnknownHost:        "check vault_name and resource: there is no HOST; or the resolver does not know the internet's names",
	neterror.UnknownAuthority:   "let this machine trust the authority: a proxy that opens TLS has one of its own (SSL_CERT_FILE, or update-ca-certificates)",
	neterror.OtherName:          "check who answers for HOST: no Key Vault does",
	neterror.NoTLS:              "check who answers for HOST: no Key Vault does",
	neterror.InvalidCertificate: "check the clock: Azure's certificates are renewed in time",
}

func classifyNetwork(err error) (wrappers.Class, string) {
	if hint := networkHints[neterror.KindOf(err)]; hint != "" {
		return wrappers.Ask, hint
	}
	return wrappers.Later, "check that HOST and LOGIN can be reached from here, through HTTPS_PROXY if that is set"
}
