package wrappers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/sealwax/sealwax/internal/names"
)

// Error is an error of a KEK: what was attempted, with which KEK, at which provider, under which key, why it failed and
// what to do next.
//
// It may be printed. What a driver says is not trusted: Err has its text on one line, cut after 500 bytes, without what is
// not printable, and not at all if it repeats 12 bytes in a row of the plaintext, also in hexadecimal, base64 or
// decimal. Of the driver's own error nothing else is printed by any verb or by walking the chain; errors.Is and
// errors.As find it.
type Error struct {
	KEK      string // its ID, which begins with the provider
	Provider string
	Op       string // "wrap", "read back", "unwrap", "check", "inspect" or "close"
	KeyID    string // the provider's name for the key; may be empty
	Class    Class
	Hint     string // the next step for the operator; may be empty
	Err      error  // why, with a text that may be printed
}

// Error returns all of it on one line.
func (e *Error) Error() string { return "wrappers: " + e.text() }

func (e *Error) text() string {
	key, hint := "", ""
	if e.KeyID != "" {
		key = " (key " + e.KeyID + ")"
	}
	if e.Hint != "" {
		hint = "; " + e.Hint
	}
	return fmt.Sprintf("%s with %s%s: %v%s", e.Op, e.KEK, key, e.Err, hint)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// ClassOf returns the class of an error from this package, 0 for nil. Of several KEKs' errors it is the most hopeful
// one, Later before Ask before Never, because any of them would have been enough; see also [HasClass]. An error that
// is not from this package is classified by what it is: see [Classifier].
func ClassOf(err error) Class {
	for _, c := range []Class{Later, Ask, Never} {
		if HasClass(err, c) {
			return c
		}
	}
	return classOfCause(err)
}

// HasClass reports whether err is, or has joined in it, an [*Error] of class c.
func HasClass(err error, c Class) bool {
	switch e := err.(type) {
	case *Error:
		return e.Class == c
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			if HasClass(err, c) {
				return true
			}
		}
		return false
	case interface{ Unwrap() error }:
		return HasClass(e.Unwrap(), c)
	}
	return false
}

// errorOf returns err as an *Error that may be printed, nil for nil. Nothing of plaintext, which may be nil, is in it.
func (k *KEK) errorOf(op, keyID string, err error, plaintext []byte) error {
	if err == nil {
		return nil
	}
	class, hint := k.classify(err)
	if under, ok := errors.AsType[underKey](err); ok && keyID == "" {
		keyID = under.keyID
	}
	if !names.IsText(keyID) || shows(keyID, plaintext) {
		keyID = "" // it is from a file that nobody has verified yet, or from the driver
	}
	why := causeOf(err, plaintext)
	why.text = strings.TrimPrefix(why.text, k.options.Provider+": ") // the KEK's ID has said it
	return &Error{
		KEK: k.id, Provider: k.options.Provider, Op: op, KeyID: keyID,
		Class: class, Hint: safeText(hint, plaintext), Err: why,
	}
}

// classify asks what knows best first: this package about its own refusals, then the wrapper, then the error itself.
func (k *KEK) classify(err error) (Class, string) {
	class, hint := k.askWrapper(err)
	own, ours := errors.AsType[classed](err)
	switch {
	case ours && own.class == class && errors.Is(err, context.DeadlineExceeded):
		return class, hint // this package saw that nobody answered, the wrapper knows where to look
	case ours:
		return own.class, ""
	case class != 0:
		return class, hint
	}
	return classOfCause(err), ""
}

// askWrapper returns 0 from a wrapper that does not know, or that panics on an error which is not its own.
func (k *KEK) askWrapper(err error) (class Class, hint string) {
	w, ok := k.wrapper.(Classifier)
	if !ok {
		return 0, ""
	}
	defer func() {
		if recover() != nil {
			class, hint = 0, ""
		}
	}()
	return w.Classify(err)
}

// classOfCause classifies an error that nobody knows. Ask is the answer when nothing speaks for another: to say Never
// would accuse the file, and to retry would knock at a provider that has already answered.
func classOfCause(err error) Class {
	if err == nil {
		return 0
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return Later
	}
	for _, transient := range []error{context.DeadlineExceeded, context.Canceled, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, transient) {
			return Later
		}
	}
	for _, definite := range []error{ErrMalformed, ErrWrapOnly} {
		if errors.Is(err, definite) {
			return Never
		}
	}
	return Ask
}

// classed marks an error with the class that this package knows it has.
type classed struct {
	class Class
	error
}

func (c classed) Unwrap() error { return c.error }

func never(err error) error { return classed{Never, err} }
func later(err error) error { return classed{Later, err} }

// malformed says why a blob was refused before the wrapper saw it.
func malformed(format string, args ...any) error {
	return never(fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...)))
}

// underKey adds to an error which key it was about.
type underKey struct {
	keyID string
	error
}

func aboutKey(keyID string, err error) error {
	if err == nil {
		return nil
	}
	return underKey{keyID, err}
}

func (u underKey) Unwrap() error { return u.error }
