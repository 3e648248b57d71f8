// Package transit wraps the root with a key of Vault's Transit secrets engine (Vault 1.13 or newer, or a compatible server
// such as OpenBao). The key never leaves the Vault.
//
// # For operators
//
// Make a key, a policy that allows its use and nothing else, and a periodic token:
//
//	$ vault secrets enable transit
//	$ vault write -f transit/keys/sealwax
//	$ vault policy write sealwax - <<'EOF'
//	path "transit/encrypt/sealwax" { capabilities = ["update"] }
//	path "transit/decrypt/sealwax" { capabilities = ["update"] }
//	EOF
//	$ vault token create -policy=sealwax -period=72h -orphan
//
// and name it in the config:
//
//	keyring "transit" {
//	  address    = "https://vault.example.com:8200"
//	  token      = "file:///run/credentials/app/vault-token"
//	  mount_path = "transit/"
//	  key_name   = "sealwax"
//	}
//
// The key's type must be aes256-gcm96 (Vault's default), aes128-gcm96 or chacha20-poly1305, not derived. A process that only
// reads the keystore needs decrypt alone. Do not grant "create": Vault would answer a misspelt key_name with a new key.
//
// Settings, all those of Nomad: address, token, namespace, mount_path and key_name (required), key_id_prefix,
// disable_renewal, tls_ca_cert, tls_ca_path, tls_client_cert, tls_client_key, tls_server_name, tls_skip_verify. The token is
// the token itself, file:// and an absolute path, or env:// and a variable. Over http:// instead of https:// the token and the
// root travel in clear: that is for a loopback address alone. What the block leaves out comes from Vault's own variables
// (VAULT_ADDR, VAULT_TOKEN, VAULT_NAMESPACE, VAULT_CACERT and so on); what it gives wins over them, but Vault's client
// refuses to start with a variable that names a file which is not there. VAULT_SKIP_VERIFY is never obeyed: it is an error
// that says so. Namespaces are Vault Enterprise's; other Vaults take no notice of one.
//
// # Tokens
//
// After the first success the token is renewed in the background unless disable_renewal is set, then again after half to three
// quarters of each lease. Vault's policy "default" allows that, which a token has unless it was made with -no-default-policy;
// a token that may not renew itself, or cannot as a batch token, is used as it is until it ends. A token from a file is
// read again when Vault refuses the one in use, so an agent may replace it at any time, and nothing needs a restart.
//
// `keyring doctor` shows whose the token is, until when, and what it may do, which "default" allows too; and the key's
// versions and rotation, if a second policy allows to look at them:
//
//	$ vault policy write sealwax-doctor - <<'EOF'
//	path "transit/keys/sealwax" { capabilities = ["read"] }
//	EOF
//	$ vault token create -policy=sealwax -policy=sealwax-doctor -period=72h -orphan
//
// # What it costs
//
// One request to unwrap, which is what a start needs, and one to renew the token beside it. One to wrap and one to read back.
// A ring that is open asks for nothing: Vault may be sealed. Doctor sends three beside its round trip.
//
// # Rotation
//
// Rotating the key at Vault, by hand (vault write -f transit/keys/sealwax/rotate) or by auto_rotate_period, changes nothing
// here: old stanzas open, as Vault keeps old versions, and status shows the version of each. Run `keyring rewrap` to move
// to the new one, then, if old copies of the keystore must not open any more, raise min_decryption_version at Vault. Leave
// deletion_allowed off: a deleted key cannot be had back, and a key that is made anew under its name opens nothing.
//
// # Moving in and out
//
// To move here, put this block beside the old one and run `keyring rewrap`, remove the old one and run it again. To move
// elsewhere, the same with the other KEK. Moving to another mount, namespace or Vault is a move elsewhere; the same Vault
// under another address is none, as a stanza names mount and key alone. A stanza can be unwrapped by hand: its blob is
// Vault's ciphertext, and the associated data names the keystore and its root. docs/operations.md has the commands, for
// vault and for curl:
//
//	$ vault write transit/decrypt/sealwax ciphertext=vault:v1:… \
//	    associated_data=$(printf %s 'sealwax/v1 keystore=… root=…' | base64 -w0)
//
// # How it works
//
// The official go-kms-wrapping driver turns the settings into a client, and this package encrypts and decrypts through
// it, because the driver drops the associated data. Calls obey the caller's context and are sent once: the KEK retries.
package transit

import (
	"context"
	"errors"
	"fmt"
	"sync"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

// Provider is what configs call this package.
const Provider = "transit"

// scheme is written into keystores: the ciphertext is Vault's own text, associated data is bound.
const scheme = "vault-transit/1"

// A Wrapper encrypts and decrypts with one Transit key. It is safe for concurrent use. It is connected at its first use,
// so that making one needs neither Vault nor files.
type Wrapper struct {
	config      Config
	credentials string // where the token comes from, for people

	mu     sync.Mutex
	conn   *conn // nil until the first use
	closed bool
}

var (
	_ wrapping.Wrapper    = (*Wrapper)(nil)
	_ wrappers.Schemer    = (*Wrapper)(nil)
	_ wrappers.Classifier = (*Wrapper)(nil)
	_ wrappers.Checker    = (*Wrapper)(nil)
	_ wrappers.Inspector  = (*Wrapper)(nil)
)

// New returns a wrapper for a key. It checks the config and the environment and calls nobody.
func New(config Config) (*Wrapper, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	if name, reason := refusedVariable(&config); name != "" {
		return nil, fmt.Errorf("transit: %s", reason)
	}
	return wrapperOf(config, "the program"), nil
}

// wrapperOf returns a wrapper for a config that was checked, with a token from there.
func wrapperOf(config Config, source string) *Wrapper {
	if config.Token == nil {
		source = "VAULT_TOKEN, or what stands before the Vault"
	}
	return &Wrapper{config: config, credentials: source}
}

// Type returns "transit".
func (w *Wrapper) Type(context.Context) (wrapping.WrapperType, error) { return Provider, nil }

// KeyId returns the key's path below the namespace, "transit/keys/NAME", behind Config.KeyIDPrefix.
func (w *Wrapper) KeyId(context.Context) (string, error) { return w.config.keyID(), nil }

// SetConfig refuses: New and Configure return a wrapper that is configured for good.
func (w *Wrapper) SetConfig(context.Context, ...wrapping.Option) (*wrapping.WrapperConfig, error) {
	return nil, errors.New("transit: a wrapper is configured by its constructor")
}

// Scheme returns "vault-transit/1".
func (w *Wrapper) Scheme() string { return scheme }

// Check reads the token, the certificates and Vault's variables, and does not call Vault.
func (w *Wrapper) Check(context.Context) error {
	_, err := w.connect()
	return err
}

// Close ends the renewal of the token and closes idle connections. Calls that are under way may go on.
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
		return nil, &setupError{errors.New("transit: used after Close")}
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
