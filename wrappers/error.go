package wrappers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
)

// Error is an error of a KEK: what was attempted, with which KEK, at which provider, under which key, why it failed and
// what to do next.
type Error struct {
	KEK      string // its ID
	Provider string
	Op       string // "wrap", "read back", "unwrap", "check" or "close"
	KeyID    string // the provider's name for the key; may be empty
	Class    Class
	Hint     string // the next step for the operator; may be empty
	Err      error
}

// Error returns all of it on one line.
func (e *Error) Error() string { return "wrappers: " + e.text() }

func (e *Error) text() string {
	key := ""
	if e.KeyID != "" {
		key = ", key " + e.KeyID
	}
	cause := strings.Join(strings.Fields(e.Err.Error()), " ") // some drivers' errors have several lines
	if e.Hint != "" {
		cause += "; " + e.Hint
	}
	return fmt.Sprintf("%s with %s (%s%s): %s", e.Op, e.KEK, e.Provider, key, cause)
}

// Unwrap returns the cause.
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

// errorOf returns err as an *Error, nil for nil.
func (k *KEK) errorOf(op, keyID string, err error) error {
	if err == nil {
		return nil
	}
	e := &Error{KEK: k.id, Provider: k.options.Provider, Op: op, KeyID: keyID, Err: err}
	e.Class, e.Hint = k.classify(err)
	if under, ok := errors.AsType[underKey](err); ok && keyID == "" {
		e.KeyID = under.keyID
	}
	if !isKeyID(e.KeyID) {
		e.KeyID = "" // it is from a file that nobody has verified yet
	}
	return e
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

// underKey adds to an error of the wrapper which key it was about.
type underKey struct {
	keyID string
	error
}

func (u underKey) Unwrap() error { return u.error }
