package wrappertest

import (
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
)

// Harness is what a provider gives the suite. New is required; a case whose hook is nil is skipped and says so.
type Harness struct {
	// New returns a wrapper as a program of the provider's users would have it. Everything that New returns within one
	// test is configured alike: each opens what another one wrapped. The suite closes them.
	New func(t *testing.T) wrapping.Wrapper

	// WrongKey returns a wrapper of the same provider with another key. Nil for a provider that cannot have two.
	WrongKey func(t *testing.T) wrapping.Wrapper

	// WrapOnly returns a wrapper that cannot unwrap what it wraps, whereas those from New can. Nil if there is no such
	// thing, as with every symmetric key.
	WrapOnly func(t *testing.T) wrapping.Wrapper

	// IgnoresContext says why the provider does not bind its associated data, "" if it does.
	IgnoresContext string

	// Engine is the key service behind the wrappers. Nil for a provider that computes everything itself.
	Engine *Engine

	// Secrets must not occur in any error, whether a KEK's or the wrapper's own: tokens, passwords, key material. The
	// suite adds its own plaintexts.
	Secrets []string
}

// Engine lets the suite count the calls of a key service and disturb it. A nil function skips its cases. What a
// function breaks lasts until Restore.
type Engine struct {
	// Calls returns how many encryptions and decryptions have reached the service, refused ones included.
	Calls func() int
	// Silence makes the service take calls and not answer them.
	Silence func(t *testing.T)
	// Deny makes the service refuse the wrappers' credentials.
	Deny func(t *testing.T)
	// Fail makes the next n calls end in an error of the kind that goes away, such as HTTP 503. Calls that the driver
	// repeats by itself count.
	Fail func(t *testing.T, n int)
	// Restore undoes what was done. Required with any of Silence, Deny and Fail.
	Restore func(t *testing.T)
}
