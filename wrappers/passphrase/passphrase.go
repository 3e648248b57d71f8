// Package passphrase wraps under a key made from a passphrase, for what a person must be able to do without any service:
// a laptop, a lab, the envelope in the safe.
//
// # For operators
//
//	keyring "passphrase" {
//	  name = "safe"                   # asks at the terminal, or:
//	  # passphrase_file = "pass.txt"  # relative to this config file
//	  # credential      = "pass"      # LoadCredential=pass:… or LoadCredentialEncrypted=pass:…
//	  # memory_mib = 64               # Argon2id, when wrapping: 64 to 1024
//	  # time       = 3                # 1 to 10; times memory_mib at most 2048
//	  # threads    = 4                # 1 to 16
//	}
//
// A passphrase has 15 to 1024 bytes: whoever has the keystore can try them offline, at about a tenth of a second each.
// Six random words will do; nothing that a person has thought up will. It is never taken from the command line or the
// environment, where others can see it.
//
// At the terminal it is asked for once and kept until the process ends; before it wraps for the first time it is asked
// for twice, unless it has already opened something. Of several KEKs those that ask are asked last, so a start without
// anybody at the terminal does not wait for somebody.
//
// Argon2id is not an algorithm of FIPS 140-3: with GODEBUG=fips140=only this KEK gives an error that says so.
//
// # How it is made
//
// A ciphertext of scheme "argon2id-xaes/1" is
//
//	salt (16 bytes) || memory in MiB (2, big-endian) || time (1) || threads (1) ||
//	nonce (24) || ciphertext (1 to 128) || tag (16)
//
// from the nonce on an XAES-256-GCM message, whose additional data is the KEK's, under the 32 bytes that Argon2id makes of
// passphrase, salt and the three numbers. Numbers outside the ranges above are refused before they are used, so that a
// planted file costs at most 1 GiB for 2 passes: measured on two cores that had other work too, 1.7 to 5 s, of the 10 s that
// a KEK gives an attempt. The default numbers are the second choice of RFC 9106 and took 0.07 to 0.15 s there; the first
// would need 2 GiB.
package passphrase

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/internal/secretfile"
	"github.com/sealwax/sealwax/wrappers"
)

// Provider is what configs call this package.
const Provider = "passphrase"

const (
	scheme = "argon2id-xaes/1"

	// MinLength is how many characters a passphrase has at least. NIST SP 800-63B-4 asks for as many where there is no
	// second factor.
	MinLength = 15
	// MaxLength is how many bytes it has at most.
	MaxLength = 1024
)

var (
	errOpen   = errors.New("it does not open: another passphrase, or the bytes were changed or wrapped in another place")
	errClosed = errors.New("the wrapper is closed")
	errFIPS   = errors.New("Argon2id is not an algorithm of FIPS 140-3, and GODEBUG=fips140=only forbids all others")
	errLength = fmt.Errorf("a passphrase has %d characters to %d bytes", MinLength, MaxLength)
)

// A Wrapper wraps under a passphrase. It may be used concurrently; one call at a time computes Argon2id or asks.
type Wrapper struct {
	source source
	costs  costs

	lock   chan struct{} // holds a token while nobody works; a channel, since those who wait have deadlines
	pass   secret.Bytes  // empty until it is needed
	proven bool          // it has opened something, or was typed twice
	salt   []byte        // of what this wrapper wraps; nil until it does
	keys   keyCache

	closed atomic.Bool
}

// source is where a passphrase comes from. With confirm a person is asked twice.
type source interface {
	read(ctx context.Context, confirm bool) (secret.Bytes, error)
	asksPerson() bool
}

var (
	_ wrapping.Wrapper      = (*Wrapper)(nil)
	_ wrappers.Schemer      = (*Wrapper)(nil)
	_ wrappers.Classifier   = (*Wrapper)(nil)
	_ wrappers.Offliner     = (*Wrapper)(nil)
	_ wrappers.PersonWaiter = (*Wrapper)(nil)
	_ wrappers.Checker      = (*Wrapper)(nil)
)

// New returns a wrapper under a passphrase that the program already has. The slice stays the caller's, who may clear it
// at once. A nil o is the zero Options.
func New(passphrase []byte, o *Options) (*Wrapper, error) {
	pass, err := checkLength(secret.Copy(passphrase))
	if err != nil {
		return nil, fmt.Errorf("passphrase: %w", err)
	}
	w, err := newWrapper(nil, o)
	if err != nil {
		pass.Clear()
		return nil, err
	}
	w.pass, w.proven = pass, true
	return w, nil
}

// FromFile returns a wrapper under the passphrase in a file that only its owner may read; a newline at its end does not
// count. The file is read when it is first needed.
func FromFile(path string, o *Options) (*Wrapper, error) {
	return newWrapper(fromFile(func() (secret.Bytes, error) { return secretfile.ReadPrivate(path) }), o)
}

// FromTerminal returns a wrapper that asks for its passphrase at the terminal when it first needs it. The label says
// which one is meant.
func FromTerminal(label string, o *Options) (*Wrapper, error) {
	return newWrapper(&terminal{label: label, open: openTerminal}, o)
}

func newWrapper(s source, o *Options) (*Wrapper, error) {
	c, err := o.costs()
	if err != nil {
		return nil, fmt.Errorf("passphrase: %w", err)
	}
	w := &Wrapper{source: s, costs: c, lock: make(chan struct{}, 1)}
	w.lock <- struct{}{}
	return w, nil
}

// Type returns "passphrase".
func (w *Wrapper) Type(context.Context) (wrapping.WrapperType, error) { return Provider, nil }

// KeyId returns "": anything computed from the passphrase alone would let others try passphrases without a salt.
func (w *Wrapper) KeyId(context.Context) (string, error) { return "", nil }

// SetConfig refuses: the constructors and Configure return a wrapper that is configured for good.
func (w *Wrapper) SetConfig(context.Context, ...wrapping.Option) (*wrapping.WrapperConfig, error) {
	return nil, fmt.Errorf("passphrase: SetConfig: %w", wrapping.ErrFunctionNotImplemented)
}
