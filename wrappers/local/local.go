// Package local wraps under a key that lies on this machine: in a file, an environment variable or a systemd credential.
// In a config its provider is called "aead".
//
// # For operators
//
//	keyring "aead" {
//	  key_file = "kek.key"          # relative to this config file
//	  # credential = "kek"          # or: from LoadCredential=kek:… or LoadCredentialEncrypted=kek:…
//	  # key_env    = "SEALWAX_KEK"  # or: from an environment variable
//	}
//
// Exactly one of the three. The key is one line, and 32 random bytes make one:
//
//	$ (umask 077; echo "sealwax-kek-v1:$(openssl rand -base64 32)" > kek.key)
//
// This protects what is stored elsewhere than the key: backups, replicas, a disk that is sent away. Whoever can read
// both the keystore and the key has everything, so keep them apart: a credential that systemd decrypts with the TPM is
// better than a file beside the keystore, and a key that stays in a KMS is better still.
//
// A key file that its group or others can read is refused; the error has the command that mends it. The group may read a
// credential: systemd and Kubernetes grant the service its right that way. In Kubernetes, mount the secret and set
// CREDENTIALS_DIRECTORY to the folder.
//
// # How it is made
//
// Two keys are derived from the 32 bytes by HKDF-SHA256 with an empty salt: 32 bytes with the info "sealwax/v1 local wrap"
// and 8 bytes with "sealwax/v1 local key id". A ciphertext of scheme "xaes-256-gcm/1" is an XAES-256-GCM message under the
// first, whose additional data is the KEK's:
//
//	nonce (24 bytes) || ciphertext (1 to 128 bytes) || tag (16 bytes)
//
// The key ID is "kek-" and the second in hexadecimal. It tells keys apart, and it is public: the key cannot be found from
// it. Everything works under GODEBUG=fips140=only.
package local

import (
	"context"
	"errors"
	"fmt"
	"sync"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/internal/secretfile"
	"github.com/sealwax/sealwax/wrappers"
)

const (
	// Provider is what configs call this package.
	Provider = "aead"

	scheme   = "xaes-256-gcm/1"
	overhead = 24 + 16
)

var (
	errClosed = errors.New("the wrapper is closed")
	errOpen   = errors.New("the wrapped bytes are not authentic: they were changed, or wrapped in another place")
)

// A Wrapper wraps under a local key. It may be used concurrently. Of the key it keeps what the cipher needs, until Close.
type Wrapper struct {
	read func() (secret.Bytes, error) // the key's text

	mu     sync.Mutex // held while the key is read, and never for long
	keys   *keys      // nil until they are needed
	closed bool
}

var (
	_ wrapping.Wrapper    = (*Wrapper)(nil)
	_ wrappers.Schemer    = (*Wrapper)(nil)
	_ wrappers.Classifier = (*Wrapper)(nil)
	_ wrappers.Checker    = (*Wrapper)(nil)
	_ wrappers.Offliner   = (*Wrapper)(nil)
)

// New returns a wrapper under a key of 32 random bytes, which stay the caller's, who may clear them at once.
func New(key []byte) (*Wrapper, error) {
	k, err := derive(key)
	if err != nil {
		return nil, fmt.Errorf("local: %w", err)
	}
	return &Wrapper{keys: k}, nil
}

// FromFile returns a wrapper under the key in a file that [GenerateKeyFile] made.
func FromFile(path string) (*Wrapper, error) {
	return from(func() (secret.Bytes, error) { return secretfile.ReadPrivate(path) })
}

// FromCredential returns a wrapper under the key in the systemd credential with this name: of a service with
// LoadCredential= or LoadCredentialEncrypted=.
func FromCredential(name string) (*Wrapper, error) {
	return from(func() (secret.Bytes, error) { return secretfile.ReadCredential(name) })
}

func from(read func() (secret.Bytes, error)) (*Wrapper, error) {
	w := &Wrapper{read: read}
	if _, err := w.ready(); err != nil {
		return nil, fmt.Errorf("local: %w", err)
	}
	return w, nil
}

// Type returns "aead".
func (w *Wrapper) Type(context.Context) (wrapping.WrapperType, error) { return Provider, nil }

// KeyId returns the public fingerprint of the key. It reads the key if that was not done before.
func (w *Wrapper) KeyId(context.Context) (string, error) {
	k, err := w.ready()
	if err != nil {
		return "", err
	}
	return k.id, nil
}

// SetConfig refuses: New, FromFile and Configure return a wrapper that is configured for good.
func (w *Wrapper) SetConfig(context.Context, ...wrapping.Option) (*wrapping.WrapperConfig, error) {
	return nil, fmt.Errorf("local: SetConfig: %w", wrapping.ErrFunctionNotImplemented)
}

// Encrypt wraps plaintext, bound to the option WithAad.
func (w *Wrapper) Encrypt(_ context.Context, plaintext []byte, options ...wrapping.Option) (*wrapping.BlobInfo, error) {
	o, err := wrapping.GetOpts(options...)
	if err != nil {
		return nil, err
	}
	k, err := w.ready()
	if err != nil {
		return nil, err
	}
	return &wrapping.BlobInfo{
		Ciphertext: k.aead.Seal(nil, plaintext, o.WithAad),
		KeyInfo:    &wrapping.KeyInfo{KeyId: k.id},
	}, nil
}

// Decrypt unwraps what Encrypt returned under the same key and with the same option WithAad.
func (w *Wrapper) Decrypt(_ context.Context, info *wrapping.BlobInfo, options ...wrapping.Option) ([]byte, error) {
	o, err := wrapping.GetOpts(options...)
	if err != nil {
		return nil, err
	}
	k, err := w.ready()
	if err != nil {
		return nil, err
	}
	if id := info.GetKeyInfo().GetKeyId(); id != k.id {
		return nil, &wrongKeyError{wrapped: id, here: k.id}
	}
	plaintext, err := k.aead.Open(nil, info.GetCiphertext(), o.WithAad)
	if err != nil {
		return nil, errOpen
	}
	return plaintext, nil
}

// Offline returns true.
func (w *Wrapper) Offline() bool { return true }

// Close drops the key and ends the use of the wrapper.
func (w *Wrapper) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys, w.closed = nil, true
	return nil
}

// ready returns the keys, and reads them first if that has not yet succeeded.
func (w *Wrapper) ready() (*keys, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, errClosed
	}
	if w.keys == nil {
		k, err := load(w.read)
		if err != nil {
			return nil, err
		}
		w.keys = k
	}
	return w.keys, nil
}

// Scheme returns "xaes-256-gcm/1".
func (w *Wrapper) Scheme() string { return scheme }

// KeyVersion returns "": another key is another KEK.
func (w *Wrapper) KeyVersion([]byte) string { return "" }

// CheckCiphertext checks the length, which is all that is known without the key.
func (w *Wrapper) CheckCiphertext(ciphertext []byte) error {
	if n := len(ciphertext); n <= overhead || n > overhead+wrappers.MaxPlaintext {
		return fmt.Errorf("%d bytes, want %d to %d", n, overhead+1, overhead+wrappers.MaxPlaintext)
	}
	return nil
}
