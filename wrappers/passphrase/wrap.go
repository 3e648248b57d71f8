package passphrase

import (
	"context"
	"crypto/fips140"
	"crypto/rand"
	"fmt"
	"unicode/utf8"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/wrappers"
)

// Encrypt wraps plaintext, bound to the option WithAad.
func (w *Wrapper) Encrypt(ctx context.Context, plaintext []byte, options ...wrapping.Option) (*wrapping.BlobInfo, error) {
	o, err := wrapping.GetOpts(options...)
	if err != nil {
		return nil, err
	}
	if err := w.begin(ctx); err != nil {
		return nil, err
	}
	defer w.end()
	if err := w.ask(ctx, !w.proven); err != nil {
		return nil, err
	}
	w.proven = true
	if w.salt == nil {
		// One salt for all that this wrapper wraps: the nonces have 192 bits, and read-back costs no second Argon2id.
		w.salt = make([]byte, saltSize)
		rand.Read(w.salt) // never fails
	}
	head := appendHeader(nil, w.salt, w.costs)
	a, err := w.keys.get(w.pass, header(head))
	if err != nil {
		return nil, err
	}
	return &wrapping.BlobInfo{Ciphertext: a.Seal(head, plaintext, o.WithAad), KeyInfo: &wrapping.KeyInfo{}}, nil
}

// Decrypt unwraps what Encrypt returned under the same passphrase and with the same option WithAad. A passphrase from
// the terminal that opens nothing is forgotten, so that the next call asks again.
func (w *Wrapper) Decrypt(ctx context.Context, info *wrapping.BlobInfo, options ...wrapping.Option) ([]byte, error) {
	o, err := wrapping.GetOpts(options...)
	if err != nil {
		return nil, err
	}
	blob := info.GetCiphertext()
	if err := w.CheckCiphertext(blob); err != nil {
		return nil, fmt.Errorf("%w: %v", wrappers.ErrMalformed, err)
	}
	if info.GetKeyInfo().GetKeyId() != "" {
		return nil, errOpen // a passphrase has no key ID, so this was not wrapped here
	}
	if err := w.begin(ctx); err != nil {
		return nil, err
	}
	defer w.end()
	if err := w.ask(ctx, false); err != nil {
		return nil, err
	}
	a, err := w.keys.get(w.pass, header(blob[:headerSize]))
	if err != nil {
		return nil, err
	}
	plaintext, err := a.Open(nil, blob[headerSize:], o.WithAad)
	if err != nil {
		w.forgetUnproven()
		return nil, errOpen
	}
	w.proven = true
	return plaintext, nil
}

// Close ends the use of the wrapper and clears the passphrase. While a call is at work, or somebody is being asked, it
// leaves the clearing to that call and returns at once.
func (w *Wrapper) Close() error {
	w.closed.Store(true)
	w.wipe()
	return nil
}

func (w *Wrapper) wipe() {
	select {
	case <-w.lock:
		w.pass.Clear()
		w.keys = keyCache{}
		w.lock <- struct{}{}
	default: // whoever holds the lock wipes after releasing it
	}
}

// begin takes the lock, which end gives back.
func (w *Wrapper) begin(ctx context.Context) error {
	if fips140.Enforced() {
		return errFIPS
	}
	select {
	case <-w.lock:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if w.closed.Load() {
		w.end()
		return errClosed
	}
	return nil
}

func (w *Wrapper) end() {
	w.lock <- struct{}{}
	if w.closed.Load() {
		w.wipe()
	}
}

// ask gets the passphrase if it is not there yet, from a person twice if it must be confirmed.
func (w *Wrapper) ask(ctx context.Context, confirm bool) error {
	if w.pass.Len() > 0 {
		return nil
	}
	pass, err := w.source.read(ctx, confirm)
	if err != nil {
		return err
	}
	pass, err = checkLength(pass)
	if err != nil {
		return err
	}
	w.pass = pass
	return nil
}

func (w *Wrapper) forgetUnproven() {
	if !w.proven {
		w.pass.Clear()
		w.keys = keyCache{}
	}
}

// checkLength clears a passphrase that it refuses.
func checkLength(pass secret.Bytes) (secret.Bytes, error) {
	if utf8.RuneCount(pass.Expose()) < MinLength || pass.Len() > MaxLength {
		pass.Clear()
		return secret.Bytes{}, errLength
	}
	return pass, nil
}
