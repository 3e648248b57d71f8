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

	// WrongAccount returns a wrapper with a key of the same name in another account, vault, project or namespace. Nil for a
	// provider without such a thing.
	WrongAccount func(t *testing.T) wrapping.Wrapper

	// Untrusted returns a wrapper like those of New, but the engine's certificate is of an authority that it does not trust.
	// Nil for a provider without TLS.
	Untrusted func(t *testing.T) wrapping.Wrapper

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

	// Says are texts that the errors of a case must contain, by the name of the case: the cause in the provider's words, the
	// next step. That KEK, provider and key are named is wanted of all.
	Says map[string][]string
}

// Engine lets the suite count the calls of a key service and disturb it. A nil function skips its cases. What a
// function breaks lasts until Restore.
type Engine struct {
	// Calls returns how many encryptions and decryptions have reached the service, refused ones included.
	Calls func() int
	// Silence makes the service take calls and not answer them. A service in the process of the test must notice when a
	// caller hangs up, or the suite takes its goroutines for the wrapper's.
	Silence func(t *testing.T)
	// Deny makes the service refuse the wrappers' credentials.
	Deny func(t *testing.T)
	// Fail makes the next n calls end in an error of the kind that goes away, such as HTTP 503. Calls that the driver
	// repeats by itself count.
	Fail func(t *testing.T, n int)
	// Throttle makes the service refuse the next n calls as too many.
	Throttle func(t *testing.T, n int)
	// Cut breaks the connection of the next n calls in the middle of the answer.
	Cut func(t *testing.T, n int)

	// Rotate gives the key of New a new version. What the old one encrypted still opens. Restore need not undo it.
	Rotate func(t *testing.T)
	// Disable disables the key of New.
	Disable func(t *testing.T)
	// Delete schedules the key of New for deletion, or deletes it in a way that can be undone.
	Delete func(t *testing.T)

	// Expire ends the credentials that wrappers hold. Where these came from, there are no others yet.
	Expire func(t *testing.T)
	// Reload puts new credentials where wrappers take theirs from. Needed with Expire.
	Reload func(t *testing.T)

	// Restore undoes what was done: service, key and credentials are as before, or as good. Required with any of the others
	// but Calls.
	Restore func(t *testing.T)
}
