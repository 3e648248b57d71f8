package wrappers

import (
	"context"
	"crypto/x509"
	"time"
)

// An Inspector is a wrapper that can tell an operator more about its key, its credentials and its connection than whether
// a call works.
type Inspector interface {
	// Inspect asks the provider, with as few calls as it can, and changes nothing. What cannot be found out stays zero;
	// a call that the provider refuses becomes a Right with its error. The error of Inspect itself is for when nothing
	// could be learned but, perhaps, the Endpoint that was tried.
	Inspect(ctx context.Context) (*Inspection, error)
}

// Inspection is what a provider says about a key and about who asks. A zero field is unknown. Nothing in it is secret.
type Inspection struct {
	Endpoint    string    // what is talked to, as a URL without credentials: "https://vault.example.com:8200"
	Identity    string    // who the provider says that we are: an ARN, a service account, a token's display name
	Credentials string    // where they come from, never what they are: "environment variables", "instance role"
	Expires     time.Time // of the credentials; zero for never, or unknown
	Renewed     bool      // before they expire, by this process or its platform, so that nobody has to act

	State       KeyState
	StateDetail string // the same in the provider's words: "PendingDeletion, gone on 2026-12-03"
	Rotation    string // "automatic every 365 days, next on 2027-01-02", "off"
	Version     string // the newest version of the key

	Certificate *x509.Certificate // the leaf of the provider's TLS certificate; nil without TLS
	ServerTime  time.Time         // what an answer said the time was, in whole seconds
	LocalTime   time.Time         // our clock when that answer arrived

	Rights []Right // what may be called, beyond encrypt and decrypt, which a round trip shows
}

// Right says whether an operation is allowed.
type Right struct {
	Name string // as the provider's policies call it: "kms:DescribeKey"
	Err  error  // nil if it is allowed; from [KEK.Inspect] an [*Error]
}

// KeyState is the state of a key at its provider, "" if it could not be seen.
type KeyState string

const (
	KeyEnabled         KeyState = "enabled"
	KeyDisabled        KeyState = "disabled"
	KeyPendingDeletion KeyState = "pending deletion"
	KeyDestroyed       KeyState = "destroyed"
)

// Inspect asks the wrapper about its key. It returns nil and no error for a wrapper that is no [Inspector]. It is one
// attempt, with the deadline that every attempt has, and for people to read: no decision of a ring depends on it. Beside an
// error there may be an Inspection that has nothing but an Endpoint.
func (k *KEK) Inspect(ctx context.Context) (*Inspection, error) {
	w, ok := k.wrapper.(Inspector)
	if !ok {
		return nil, nil
	}
	found, err := call(ctx, k, opInspect, w.Inspect)
	err = k.errorOf("inspect", "", err, nil)
	if found == nil {
		return nil, err
	}
	if err != nil {
		return &Inspection{Endpoint: safeText(found.Endpoint, nil)}, err
	}
	shown := *found // the wrapper may keep its own
	shown.Rights = make([]Right, len(found.Rights))
	for i, r := range found.Rights {
		shown.Rights[i] = Right{safeText(r.Name, nil), k.errorOf("inspect", "", r.Err, nil)}
	}
	for _, text := range []*string{&shown.Endpoint, &shown.Identity, &shown.Credentials, &shown.StateDetail, &shown.Rotation, &shown.Version} {
		*text = safeText(*text, nil)
	}
	return &shown, nil
}
