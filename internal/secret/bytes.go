// Package secret keeps secret bytes out of logs, errors and dumps.
//
// A [Bytes] prints as [redacted] whatever the verb, the encoder or the depth of the struct it hangs in. The only
// way to the bytes is [Bytes.Expose], so that a search for that word lists every place that touches a secret.
package secret

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Bytes holds secret bytes. Copies of a Bytes share them: the owner, who made it, calls Clear once, and from then on
// every copy is empty. The zero value is empty. Reading is safe for concurrent use; Clear is not safe beside anything else.
//
// The bytes hang two pointers deep because fmt calls no methods on unexported struct fields. There it would print a
// slice, and behind a verb that does not fit (%s) even what one pointer leads to; behind two it prints an address.
type Bytes struct {
	p *pointer
}

type pointer struct {
	b *[]byte
}

// New takes ownership of b: the caller must not keep or change it.
func New(b []byte) Bytes { return Bytes{&pointer{&b}} }

// Copy returns a Bytes of its own with the content of b, which stays the caller's.
func Copy(b []byte) Bytes { return New(append([]byte(nil), b...)) }

// Expose returns the bytes themselves, not a copy. The caller must not change them, nor keep them past Clear.
func (s Bytes) Expose() []byte {
	if s.p == nil {
		return nil
	}
	return *s.p.b
}

// Len returns the number of bytes.
func (s Bytes) Len() int { return len(s.Expose()) }

// Equal reports in constant time whether s and t hold the same bytes. Their lengths are not secret.
func (s Bytes) Equal(t Bytes) bool {
	return subtle.ConstantTimeCompare(s.Expose(), t.Expose()) == 1
}

// Clear overwrites the bytes with zeros and empties every copy of s. What the runtime or a callee copied elsewhere
// (a cipher's key schedule, a stack) is beyond its reach.
func (s Bytes) Clear() {
	if s.p == nil {
		return
	}
	clear(*s.p.b)
	*s.p.b = nil
}

// Format implements fmt.Formatter, so that no verb and no flag shows the bytes.
func (s Bytes) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// String returns "[redacted]".
func (s Bytes) String() string { return redacted }

// LogValue implements slog.LogValuer.
func (s Bytes) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText makes text and JSON encoders write "[redacted]".
func (s Bytes) MarshalText() ([]byte, error) { return []byte(redacted), nil }
