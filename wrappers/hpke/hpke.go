// Package hpke wraps the root to an offline recovery recipient: a public key in the config whose private half lies in a
// safe. It needs no service and no network, and it survives the loss of every other key-encryption key.
//
// # For operators
//
// Make a pair on a machine that you trust, print the file or move it offline, and put the recipient into the config:
//
//	$ keyring recipient new --out recovery.key
//	sealwax-recipient-1-…
//
//	keyring "hpke" {
//	  name      = "safe"
//	  recipient = "sealwax-recipient-1-…"
//	}
//
//	$ keyring rewrap
//
// The config holds a public key only, so this KEK can wrap but not unwrap: it is never asked at a start, it cannot be read
// back, and it is never counted as the last way in. Prove it from time to time, and use it when all else is lost:
//
//	$ keyring recover --check --recovery-key recovery.key
//	$ keyring recover --recovery-key recovery.key
//
// Anybody who has read the config can encrypt to the recipient, and so could plant a keystore of their own making. The
// keystore's identity must therefore be pinned in the config.
//
// Who holds the recovery key can open every keystore that was wrapped to its recipient, old copies included. Replacing the
// recipient and running rewrap stops that for new generations; only a new root (rotate --new-root) stops it for new keys.
//
// # How it is made
//
// One suite, RFC 9180 with the post-quantum hybrid of draft-ietf-hpke-pq: KEM MLKEM768-X25519 (0x647a, also known as
// X-Wing), KDF HKDF-SHA256 (0x0001), AEAD AES-256-GCM (0x0002), base mode, info "sealwax/v1 recovery", the KEK's
// associated data as aad. A ciphertext of scheme "hpke-mlkem768x25519/1" is
//
//	enc (1120 bytes) || AES-256-GCM ciphertext (0 to 128 bytes) || tag (16 bytes)
//
// It works under GODEBUG=fips140=only: ML-KEM is approved and the standard library allows X25519 beside it in a hybrid.
package hpke

import (
	"context"
	"crypto/hpke"
	"errors"
	"fmt"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

// Provider is what configs call this package.
const Provider = "hpke"

// scheme is written into keystores. Another suite, info or layout is another scheme.
const scheme = "hpke-mlkem768x25519/1"

const (
	encSize = 1120 // ML-KEM-768 ciphertext 1088, X25519 public key 32
	tagSize = 16
)

var info = []byte("sealwax/v1 recovery")

// errOpen says no more than that, whatever was wrong.
var errOpen = errors.New("hpke: ciphertext does not open: it was not made for this recovery key and this keystore, or it was changed")

// A Wrapper wraps to a recipient, and unwraps if it holds the recovery key. It is safe for concurrent use.
type Wrapper struct {
	recipient *Recipient
	key       *RecoveryKey // nil: can only wrap
}

var (
	_ wrapping.Wrapper     = (*Wrapper)(nil)
	_ wrappers.Schemer     = (*Wrapper)(nil)
	_ wrappers.Classifier  = (*Wrapper)(nil)
	_ wrappers.WrapOnlyer  = (*Wrapper)(nil)
	_ wrappers.PinRequirer = (*Wrapper)(nil)
	_ wrappers.Offliner    = (*Wrapper)(nil)
)

// New returns a wrapper that can only wrap, for a recipient as a config names it.
func New(recipient string) (*Wrapper, error) {
	r, err := ParseRecipient(recipient)
	if err != nil {
		return nil, err
	}
	return &Wrapper{recipient: r}, nil
}

// NewOpener returns a wrapper that can unwrap too. The key stays the caller's, who clears it after the last use of the
// wrapper. A service has no use for one: its key would be online.
func NewOpener(key *RecoveryKey) *Wrapper {
	return &Wrapper{recipient: key.recipient, key: key}
}

// Type returns "hpke".
func (w *Wrapper) Type(context.Context) (wrapping.WrapperType, error) { return Provider, nil }

// KeyId returns the recipient's fingerprint. It is the same for a wrapper made by New and one made by NewOpener.
func (w *Wrapper) KeyId(context.Context) (string, error) { return w.recipient.Fingerprint(), nil }

// SetConfig refuses: the constructors return a wrapper that is configured for good.
func (w *Wrapper) SetConfig(context.Context, ...wrapping.Option) (*wrapping.WrapperConfig, error) {
	return nil, errors.New("hpke: a wrapper is configured by its constructor")
}

// Encrypt wraps at most 128 bytes and binds the associated data given by wrapping.WithAad.
func (w *Wrapper) Encrypt(_ context.Context, plaintext []byte, options ...wrapping.Option) (*wrapping.BlobInfo, error) {
	if len(plaintext) > wrappers.MaxPlaintext {
		return nil, fmt.Errorf("hpke: plaintext of %d bytes, at most %d are wrapped", len(plaintext), wrappers.MaxPlaintext)
	}
	opts, err := wrapping.GetOpts(options...)
	if err != nil {
		return nil, fmt.Errorf("hpke: read options: %w", err)
	}
	enc, sender, err := hpke.NewSender(w.recipient.public, hpke.HKDFSHA256(), hpke.AES256GCM(), info)
	if err != nil {
		return nil, fmt.Errorf("hpke: wrap: %w", err)
	}
	sealed, err := sender.Seal(opts.WithAad, plaintext)
	if err != nil {
		return nil, fmt.Errorf("hpke: wrap: %w", err)
	}
	return &wrapping.BlobInfo{
		Ciphertext: append(enc, sealed...),
		KeyInfo:    &wrapping.KeyInfo{KeyId: w.recipient.Fingerprint()},
	}, nil
}

// Decrypt unwraps what Encrypt returned, under the same associated data. Its error is wrappers.ErrWrapOnly for a
// wrapper without the recovery key.
func (w *Wrapper) Decrypt(_ context.Context, blob *wrapping.BlobInfo, options ...wrapping.Option) ([]byte, error) {
	if w.key == nil {
		return nil, fmt.Errorf("hpke: unwrap: %w: the recovery key is kept offline", wrappers.ErrWrapOnly)
	}
	opts, err := wrapping.GetOpts(options...)
	if err != nil {
		return nil, fmt.Errorf("hpke: read options: %w", err)
	}
	if got, want := blob.GetKeyInfo().GetKeyId(), w.recipient.Fingerprint(); got != want {
		return nil, fmt.Errorf("hpke: wrapped to recipient %q, this is the key of %q", got, want)
	}
	ciphertext := blob.GetCiphertext()
	if err := w.CheckCiphertext(ciphertext); err != nil {
		return nil, fmt.Errorf("%w: %w", wrappers.ErrMalformed, err)
	}
	private, err := w.key.private()
	if err != nil {
		return nil, err
	}
	enc, sealed := ciphertext[:encSize], ciphertext[encSize:]
	recipient, err := hpke.NewRecipient(enc, private, hpke.HKDFSHA256(), hpke.AES256GCM(), info)
	if err != nil {
		return nil, errOpen
	}
	plaintext, err := recipient.Open(opts.WithAad, sealed)
	if err != nil {
		return nil, errOpen
	}
	return plaintext, nil
}

// Scheme returns "hpke-mlkem768x25519/1".
func (w *Wrapper) Scheme() string { return scheme }

// KeyVersion returns "": a recipient has one version, another key is another recipient.
func (w *Wrapper) KeyVersion([]byte) string { return "" }

// CheckCiphertext refuses what is too short or too long to come from Encrypt.
func (w *Wrapper) CheckCiphertext(ciphertext []byte) error {
	const shortest, longest = encSize + tagSize, encSize + wrappers.MaxPlaintext + tagSize
	if n := len(ciphertext); n < shortest || n > longest {
		return fmt.Errorf("hpke: %d bytes, a ciphertext has %d to %d", n, shortest, longest)
	}
	return nil
}

// Classify returns Never: nothing here depends on time or on anybody but the holder of the recovery key.
func (w *Wrapper) Classify(err error) (wrappers.Class, string) {
	if errors.Is(err, wrappers.ErrWrapOnly) {
		return wrappers.Never, "run `keyring recover` with the recovery key"
	}
	return wrappers.Never, ""
}

// WrapOnly reports whether the wrapper lacks the recovery key.
func (w *Wrapper) WrapOnly() bool { return w.key == nil }

// RequiresPin returns true: everybody who knows the recipient can encrypt to it.
func (w *Wrapper) RequiresPin() bool { return true }

// Offline returns true.
func (w *Wrapper) Offline() bool { return true }
