// Package gcpckms wraps the root with a symmetric key of Google Cloud KMS. The key never leaves Cloud KMS.
//
// # For operators
//
// Make a key ring, a key that rotates by itself, and a service account that may use this key and nothing else:
//
//	$ gcloud services enable cloudkms.googleapis.com --project=PROJECT
//	$ gcloud kms keyrings create sealwax --location=europe-west1 --project=PROJECT
//	$ gcloud kms keys create root --keyring=sealwax --location=europe-west1 --project=PROJECT --purpose=encryption \
//	    --rotation-period=365d --next-rotation-time=+p365d --destroy-scheduled-duration=30d
//	$ gcloud iam service-accounts create sealwax --project=PROJECT
//	$ gcloud kms keys add-iam-policy-binding root --keyring=sealwax --location=europe-west1 --project=PROJECT \
//	    --member=serviceAccount:sealwax@PROJECT.iam.gserviceaccount.com --role=roles/cloudkms.cryptoKeyEncrypterDecrypter
//
// and name the key in the config:
//
//	keyring "gcpckms" {
//	  credentials = "/etc/sealwax/gcp.json"
//	  project     = "PROJECT"
//	  region      = "europe-west1"
//	  key_ring    = "sealwax"
//	  crypto_key  = "root"
//	}
//
// The role gives cloudkms.cryptoKeyVersions.useToEncrypt and useToDecrypt. A process that only reads the keystore needs
// roles/cloudkms.cryptoKeyDecrypter. `keyring doctor` shows the key's state and rotation if the account also has
// roles/cloudkms.viewer on the key; nothing else needs that. Bind roles to the key and not to the project, or the account
// may use every key there.
//
// Settings, all those of Nomad: project, region, key_ring and crypto_key (required), credentials, user_agent,
// key_not_required. The project is its ID and not its number. Credentials is the path of a JSON file, not its content: a
// service account's key, or a configuration of workload identity federation. On Google's own machines leave it out and give
// the account to the machine, so that there is no file to steal. Without it the file is the one that GOOGLE_CREDENTIALS
// names, then GOOGLE_APPLICATION_CREDENTIALS, then gcloud's (gcloud auth application-default login), then the machine's
// account. A file is read again when Cloud KMS refuses the credentials in use, so an agent may replace it.
// Key_not_required does nothing: the start-up probe that it switches off elsewhere does not exist here.
//
// What the block gives wins over GOOGLE_CREDENTIALS, GOOGLE_PROJECT, GOOGLE_REGION, GCPCKMS_WRAPPER_KEY_RING,
// VAULT_GCPCKMS_SEAL_KEY_RING and the same two of the crypto key, which elsewhere win over it; one that differs is a warning.
//
// What it costs: one request to wrap and one to read back; one to unwrap, which is what a start needs. A service account's
// key needs no login, since it signs its own tokens; other credentials fetch one, good for an hour. All requests share one
// connection.
//
// Rotating the key at Cloud KMS, by schedule or with
//
//	$ gcloud kms keys versions create --primary --key=root --keyring=sealwax --location=europe-west1 --project=PROJECT
//
// changes nothing here: old stanzas open for as long as their version is enabled, and status shows the version of each. Run
// `keyring rewrap` to move to the new one, then, if old copies of the keystore must not open any more, disable the old version
// and later destroy it. Destroying waits for the key's --destroy-scheduled-duration, and is then final.
//
// To move elsewhere, add the other KEK's block, run `keyring rewrap`, remove this block, run `keyring rewrap` again; to move
// here, the same the other way round. A stanza can be unwrapped by hand; its blob is Cloud KMS's ciphertext, and the
// additional authenticated data names the keystore and its root (docs/operations.md has all of it):
//
//	$ gcloud kms decrypt --key=root --keyring=sealwax --location=europe-west1 --project=PROJECT \
//	    --ciphertext-file=blob --additional-authenticated-data-file=aad --plaintext-file=root
//
// # How it works
//
// The official go-kms-wrapping driver turns the settings into a client, and this package encrypts and decrypts through
// it, because the driver binds no associated data at Cloud KMS and checks no checksums. Both directions carry CRC32C
// checksums of everything, which both sides verify. Calls obey the caller's context and are sent once: the KEK retries.
package gcpckms

import (
	"context"
	"errors"
	"fmt"
	"sync"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

// Provider is what configs call this package.
const Provider = "gcpckms"

// scheme is written into keystores: the ciphertext is Cloud KMS's own, associated data is bound.
const scheme = "gcp-kms/1"

// A Wrapper encrypts and decrypts with one key of Cloud KMS. It is safe for concurrent use. It is connected at its first
// use, so that making one needs neither Cloud KMS nor files.
type Wrapper struct {
	config Config

	mu     sync.Mutex
	conn   *conn // nil until the first use, and after one that broke
	closed bool
}

var (
	_ wrapping.Wrapper    = (*Wrapper)(nil)
	_ wrappers.Versioner  = (*Wrapper)(nil)
	_ wrappers.Classifier = (*Wrapper)(nil)
	_ wrappers.Checker    = (*Wrapper)(nil)
	_ wrappers.Inspector  = (*Wrapper)(nil)
)

// New returns a wrapper for a key. It checks the config and the environment, reads no file and calls nobody.
func New(config Config) (*Wrapper, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	return &Wrapper{config: config}, nil
}

// Type returns "gcpckms".
func (w *Wrapper) Type(context.Context) (wrapping.WrapperType, error) { return Provider, nil }

// KeyId returns the key's resource name, "projects/P/locations/L/keyRings/R/cryptoKeys/K", without a version.
func (w *Wrapper) KeyId(context.Context) (string, error) { return w.config.keyName(), nil }

// SetConfig refuses: New and Configure return a wrapper that is configured for good.
func (w *Wrapper) SetConfig(context.Context, ...wrapping.Option) (*wrapping.WrapperConfig, error) {
	return nil, errors.New("gcpckms: a wrapper is configured by its constructor")
}

// Scheme returns "gcp-kms/1".
func (w *Wrapper) Scheme() string { return scheme }

// Check reads the credentials, and calls nobody. Those that are not in a file are not looked for.
func (w *Wrapper) Check(context.Context) error {
	c, err := w.config.readCredentials()
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return &setupError{err}
	}
	return nil
}

// Close closes the connection. Calls that are under way fail.
func (w *Wrapper) Close() error {
	w.mu.Lock()
	conn := w.conn
	w.conn, w.closed = nil, true
	w.mu.Unlock()
	if conn == nil {
		return nil
	}
	if err := conn.client.Close(); err != nil {
		return fmt.Errorf("gcpckms: close the connection: %w", err)
	}
	return nil
}
