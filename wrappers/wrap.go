package wrappers

import (
	"bytes"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
)

// Wrapped is what a KEK made of a plaintext, in fields of our own, so that a later version of a driver cannot make old
// keystores unreadable.
type Wrapped struct {
	Scheme     string // how Blob was made; see Schemer
	KeyID      string // the provider's name for its key; may be empty
	KeyVersion string // the provider's version of that key; may be empty
	Blob       []byte // at most MaxBlob bytes
}

var (
	errInactive = errors.New("this KEK is inactive: it unwraps what it wrapped before and wraps nothing new")
	errReadBack = errors.New("unwrapping what was just wrapped gave something else")
	errInClear  = errors.New("the driver's result shows what it was to wrap, and would be stored in clear")
)

// Wrap encrypts plaintext, 1 to 128 bytes, under the key-encryption key and binds it to aad if the provider can. Unless
// the KEK is wrap-only, it then unwraps the result and compares, so that what is returned was proven to open.
//
// Neither slice is kept or changed. Errors are of type [*Error].
func (k *KEK) Wrap(ctx context.Context, plaintext, aad []byte) (*Wrapped, error) {
	if k.options.Inactive {
		return nil, k.errorOf("wrap", "", never(errInactive), nil)
	}
	if len(plaintext) == 0 || len(plaintext) > MaxPlaintext {
		return nil, k.errorOf("wrap", "", never(fmt.Errorf("plaintext of %d bytes, need 1 to %d", len(plaintext), MaxPlaintext)), nil)
	}
	w, err := retry(ctx, k, nobody, func(ctx context.Context) (*Wrapped, error) { return k.encrypt(ctx, plaintext, aad) })
	if err != nil {
		return nil, k.errorOf("wrap", "", err, plaintext)
	}
	if k.WrapOnly() {
		return w, nil
	}
	if err := k.readBack(ctx, w, plaintext, aad); err != nil {
		return nil, err
	}
	return w, nil
}

// encrypt is one attempt. The wrapper gets copies, since it may still be at work when the caller has long cleared its
// own.
func (k *KEK) encrypt(ctx context.Context, plaintext, aad []byte) (*Wrapped, error) {
	plaintext, aad = bytes.Clone(plaintext), bytes.Clone(aad)
	key := make(chan string, 1) // only to say which key an error was about, also if the wrapper never returns
	w, err := call(ctx, k, opEncrypt, func(ctx context.Context) (*Wrapped, error) {
		defer clear(plaintext)
		id, _ := guard(ctx, k.wrapper.KeyId)
		key <- id
		info, err := k.wrapper.Encrypt(ctx, plaintext, wrapping.WithAad(aad))
		if err != nil {
			return nil, err
		}
		w, err := k.scheme.store(info)
		if err != nil {
			return nil, never(fmt.Errorf("the wrapper's result cannot be stored: %w", err))
		}
		if inClear(w, plaintext) {
			return nil, never(errInClear)
		}
		return w, nil
	})
	select {
	case id := <-key:
		return w, aboutKey(id, err)
	default: // the wrapper was not called
		return w, err
	}
}

// inClear reports whether what would be stored shows a part of the plaintext's last 32 bytes. Those are a root; what a
// keyring puts before them is public, and zeros and IDs may well be in a blob.
func inClear(w *Wrapped, plaintext []byte) bool {
	secret := plaintext[max(0, len(plaintext)-32):]
	return shows(string(w.Blob), secret) || shows(w.KeyID, secret) || shows(w.KeyVersion, secret)
}

func (k *KEK) readBack(ctx context.Context, w *Wrapped, plaintext, aad []byte) error {
	back, err := k.decryptRetrying(ctx, w, aad, nobody)
	if err != nil {
		return k.errorOf("read back", w.KeyID, err, plaintext)
	}
	defer clear(back)
	if subtle.ConstantTimeCompare(back, plaintext) != 1 {
		return k.errorOf("read back", w.KeyID, never(errReadBack), plaintext)
	}
	return nil
}

// Unwrap decrypts what Wrap returned, given the same aad. The plaintext is the caller's, who clears it. A blob that
// Wrap could not have returned is refused before the wrapper sees it, with [ErrMalformed] in the error's chain; a
// wrap-only KEK refuses with [ErrWrapOnly]. Errors are of type [*Error].
func (k *KEK) Unwrap(ctx context.Context, w *Wrapped, aad []byte) ([]byte, error) {
	return k.UnwrapNotify(ctx, w, aad, nobody)
}

// nobody wants to know that an attempt has failed and is going to be retried.
func nobody() {}

// UnwrapNotify is Unwrap for callers that can ask somebody else as well: it calls faltered before each retry, when an attempt
// has failed and the next one is up to seconds away. faltered must not block. [UnwrapFirst] does this for KEKs of which one is
// enough.
func (k *KEK) UnwrapNotify(ctx context.Context, w *Wrapped, aad []byte, faltered func()) ([]byte, error) {
	if w == nil {
		return nil, k.errorOf("unwrap", "", malformed("nothing there"), nil)
	}
	plaintext, err := k.decryptRetrying(ctx, w, aad, faltered)
	return plaintext, k.errorOf("unwrap", w.KeyID, err, nil)
}

func (k *KEK) decryptRetrying(ctx context.Context, w *Wrapped, aad []byte, falter func()) ([]byte, error) {
	if k.WrapOnly() {
		return nil, never(ErrWrapOnly)
	}
	return retry(ctx, k, falter, func(ctx context.Context) ([]byte, error) { return k.decrypt(ctx, w, aad) })
}

// decrypt is one attempt. Like encrypt it works on copies.
func (k *KEK) decrypt(ctx context.Context, w *Wrapped, aad []byte) ([]byte, error) {
	own := *w
	own.Blob, aad = bytes.Clone(w.Blob), bytes.Clone(aad)
	info, err := guard(ctx, func(context.Context) (*wrapping.BlobInfo, error) { return k.scheme.load(&own) })
	if err != nil {
		return nil, err
	}
	return call(ctx, k, opDecrypt, func(ctx context.Context) ([]byte, error) {
		plaintext, err := k.wrapper.Decrypt(ctx, info, wrapping.WithAad(aad))
		if err != nil {
			defer clear(plaintext)
			return nil, withhold(err, plaintext) // here, since nobody above knows this plaintext
		}
		if len(plaintext) == 0 || len(plaintext) > MaxPlaintext {
			clear(plaintext)
			return nil, never(fmt.Errorf("the wrapper returned %d bytes, want 1 to %d", len(plaintext), MaxPlaintext))
		}
		return plaintext, nil
	})
}
