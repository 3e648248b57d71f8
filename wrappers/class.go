package wrappers

import "errors"

// Class says what an error of a KEK asks for.
type Class int

const (
	// Never: this KEK will not do it, however often it is asked. The blob is malformed, not of this key, or forged.
	Never Class = 1 + iota
	// Later: it may work when asked again. Timeouts, throttling, a sealed Vault, a server error.
	Later
	// Ask: it will work after somebody has acted. Denied, expired credentials, a disabled key, a missing file.
	Ask
)

// String returns "never", "later" or "ask the operator".
func (c Class) String() string {
	switch c {
	case Never:
		return "never"
	case Later:
		return "later"
	case Ask:
		return "ask the operator"
	}
	return "unclassified"
}

// ErrMalformed is in the chain of an error about a blob that was refused before the wrapper saw it.
var ErrMalformed = errors.New("malformed blob")

// ErrWrapOnly is in the chain of an error from Unwrap by a KEK that can only wrap.
var ErrWrapOnly = errors.New("this key can only wrap")
