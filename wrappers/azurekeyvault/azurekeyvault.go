// Package azurekeyvault wraps the root with an RSA key of Azure Key Vault, software or HSM. The private half never leaves the
// vault.
//
// # For operators
//
// Make a vault, a key in it, and an application that may use this key and do nothing else:
//
//	$ az keyvault create --name contoso-prod --resource-group rg --sku premium --enable-rbac-authorization --enable-purge-protection
//	$ az keyvault key create --vault-name contoso-prod --name sealwax --kty RSA-HSM --size 4096 --ops wrapKey unwrapKey decrypt
//	$ az ad sp create-for-rbac --name sealwax
//	$ az role assignment create --assignee APP_ID --role "Key Vault Crypto Service Encryption User" \
//	    --scope "$(az keyvault show --name contoso-prod --query id -o tsv)/keys/sealwax"
//
// and name them in the config:
//
//	keyring "azurekeyvault" {
//	  tenant_id     = "72f988bf-…"
//	  client_id     = "b7a3c1d2-…"
//	  client_secret = "file:///run/credentials/app/azure-secret"
//	  vault_name    = "contoso-prod"
//	  key_name      = "sealwax"
//	}
//
// The key's type is RSA-HSM, or RSA in a vault that is not premium, of 3072 or 4096 bits; 2048 works. Its operation decrypt
// is for az, by hand. The role above may read the key, wrap and unwrap. Less is enough, and a process that only reads the
// keystore needs unwrap alone. As a role of your own, for az role definition create:
//
//	{
//	  "Name": "Sealwax",
//	  "Description": "Wrap and unwrap under keys of a vault",
//	  "Actions": [],
//	  "DataActions": [
//	    "Microsoft.KeyVault/vaults/keys/wrap/action",
//	    "Microsoft.KeyVault/vaults/keys/unwrap/action"
//	  ],
//	  "AssignableScopes": ["/subscriptions/SUBSCRIPTION_ID"]
//	}
//
// With Microsoft.KeyVault/vaults/keys/read beside them `keyring doctor` tells more. A vault with access policies instead
// of roles wants az keyvault set-policy --key-permissions wrapKey unwrapKey.
//
// Anybody who has the public half of the key, which is no secret, can wrap under it, and Key Vault binds nothing to what
// it wraps. So a keystore under this KEK must be pinned: `keyring init` writes the pin into the config, and without one
// the keystore is refused.
//
// Settings, all those of Nomad: tenant_id, client_id, client_secret, environment (AzurePublicCloud, AzureChinaCloud,
// AzureUSGovernmentCloud), resource (the domain of the vaults, if it is not that cloud's), vault_name and key_name
// (required), key_not_required (without effect: the key is never looked at before its first use), disallow_env_vars.
// The client secret is the secret itself, file:// and an absolute path, or env:// and a variable. One from a file is read
// again when it is refused, so an agent may replace it. What the block leaves out comes from the variables
// AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_ENVIRONMENT and AZURE_AD_RESOURCE, unless
// disallow_env_vars is set; what it gives wins over them. In another cloud than the public one the variable
// AZURE_AUTHORITY_HOST must name its login server, as Azure's library takes it from nowhere else; one that would send the
// secret to another server than the cloud's own is an error, and so is AZURE_REGIONAL_AUTHORITY_NAME. Without any client
// secret the identity is what Azure's library finds: that of the workload (AKS), the managed identity of the machine
// (client_id chooses among several), or whoever ran az login. HTTPS_PROXY is used if it is set. A Managed HSM has the
// resource managedhsm.azure.net.
//
// What it costs: one request to wrap and one to read back; one to unwrap. The first use of a process also logs in: two
// requests to learn where and one for the token, which is good for an hour or more, and one without a token to the vault,
// since Azure's client lets the vault tell it whom to ask. So a start costs five requests, of which the vault sees two; later
// unwraps cost one. In 10 seconds Key Vault allows 4,000 of these for an RSA key of 2048 bits, and 250 for an RSA-HSM key of
// 4096: that is how many processes may start at once.
//
// Rotating the key (az keyvault key rotate --vault-name contoso-prod --name sealwax, or a rotation policy) changes nothing
// here: a stanza names the version that wrapped it, and Key Vault keeps old versions. Status shows the version of each.
// Run `keyring rewrap` to move to the new one, then, if old copies of the keystore must not open any more, disable the old
// one: az keyvault key set-attributes --id https://contoso-prod.vault.azure.net/keys/sealwax/VERSION --enabled false. A
// version that has expired still unwraps, and wraps no more; rotation policies set an expiry.
//
// A deleted key stops opening at once and can be recovered for as long as the vault retains it, 90 days unless it was made
// with another number: az keyvault key recover. With purge protection, as above, nobody can cut this short.
//
// To move elsewhere, add the other KEK's block, run `keyring rewrap`, remove this block, run `keyring rewrap` again. The same
// brings a keystore here. A stanza can be unwrapped by hand, with az: docs/operations.md has the commands. Its blob is the
// RSA ciphertext (OAEP with SHA-256, no label), its key ID and version together the URL of the key.
//
// # How it works
//
// The official go-kms-wrapping driver turns the settings into a client with credentials, and this package wraps and unwraps
// through it, one request at a time. Calls obey the caller's context, their logins too, and are sent once: the KEK retries.
package azurekeyvault

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/keyvault/azkeys"
	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

// Provider is what configs call this package.
const Provider = "azurekeyvault"

// scheme is written into keystores: the ciphertext is RSA-OAEP's with SHA-256 for both hash and mask, and no label.
const scheme = "azure-rsa-oaep-256/1"

// A Wrapper encrypts and decrypts with one RSA key of one vault. It is safe for concurrent use, but makes one request
// after the other. It is connected at its first use, so that making one needs neither network nor files.
type Wrapper struct {
	config Config
	key    string // its URL, without a version

	// turn is held during a request. The driver's client finds out where to log in from the vault's answer, and writes
	// that down without a lock at the first request, and at each that is refused for its token.
	turn chan struct{}

	mu     sync.Mutex
	conn   *conn // nil until the first use
	closed bool
}

var (
	_ wrapping.Wrapper     = (*Wrapper)(nil)
	_ wrappers.Versioner   = (*Wrapper)(nil)
	_ wrappers.Classifier  = (*Wrapper)(nil)
	_ wrappers.PinRequirer = (*Wrapper)(nil)
	_ wrappers.Checker     = (*Wrapper)(nil)
	_ wrappers.Inspector   = (*Wrapper)(nil)
)

// New returns a wrapper for a key. It checks the config and the environment and calls nobody.
func New(config Config) (*Wrapper, error) {
	config = config.complete()
	if err := config.validate(); err != nil {
		return nil, err
	}
	return newWrapper(config), nil
}

func newWrapper(config Config) *Wrapper {
	return &Wrapper{config: config, key: config.keyURL(), turn: make(chan struct{}, 1)}
}

// Type returns "azurekeyvault".
func (w *Wrapper) Type(context.Context) (wrapping.WrapperType, error) { return Provider, nil }

// KeyId returns the key's URL, without a version.
func (w *Wrapper) KeyId(context.Context) (string, error) { return w.key, nil }

// SetConfig refuses: New and Configure return a wrapper that is configured for good.
func (w *Wrapper) SetConfig(context.Context, ...wrapping.Option) (*wrapping.WrapperConfig, error) {
	return nil, errors.New("azurekeyvault: a wrapper is configured by its constructor")
}

// Scheme returns "azure-rsa-oaep-256/1".
func (w *Wrapper) Scheme() string { return scheme }

// RequiresPin returns true: the public half of an RSA key is no secret, and whoever has it can wrap under it.
func (w *Wrapper) RequiresPin() bool { return true }

// Check reads the client secret and the variables, and calls nobody.
func (w *Wrapper) Check(context.Context) error {
	_, err := w.connect()
	return err
}

// Close closes the connection to the vault. Calls that are under way may fail.
func (w *Wrapper) Close() error {
	w.mu.Lock()
	conn := w.conn
	w.conn, w.closed = nil, true
	w.mu.Unlock()
	if conn != nil {
		conn.close()
	}
	return nil
}

// connect returns the connection, making it if there is none. It waits for no network.
func (w *Wrapper) connect() (*conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, &setupError{errors.New("azurekeyvault: used after Close")}
	}
	if w.conn == nil {
		conn, err := newConn(&w.config)
		if err != nil {
			return nil, &setupError{err}
		}
		w.conn = conn
	}
	return w.conn, nil
}

// call makes one request, and a second one if the credentials were refused and there may be others by now.
func (w *Wrapper) call(ctx context.Context, r request, f func(context.Context, *azkeys.Client) error) error {
	select {
	case w.turn <- struct{}{}:
		defer func() { <-w.turn }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	conn, err := w.connect()
	if err != nil {
		return err
	}
	err = conn.do(ctx, r, f)
	if w.forget(conn, err) {
		if conn, again := w.connect(); again == nil {
			return conn.do(ctx, r, f)
		}
	}
	return err
}

// forget drops a connection whose credentials were refused, and reports whether another may do better. A secret that the
// login server refused is not sent twice. A token that the vault refused is dropped with the connection, as the client
// would go on using it: then the login says what is wrong.
func (w *Wrapper) forget(c *conn, err error) bool {
	var refused *refusal
	if !errors.As(err, &refused) || refused.status != http.StatusUnauthorized {
		return false
	}
	if refused.op == login {
		now, err := w.config.secret()
		defer now.Clear()
		if err != nil || c.same(now) {
			return false // the refusal that made us look is what the operator needs to see
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn != c {
		return false // closed meanwhile
	}
	w.conn = nil
	c.close()
	return true
}
