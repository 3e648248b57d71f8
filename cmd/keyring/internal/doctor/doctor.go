// Package doctor examines a keystore, its config and its KEKs while they are in use, and says of everything that it
// looked at whether it is well; if not, why, what follows, and what to run.
//
// It changes nothing. A KEK is asked to wrap 32 random bytes and to give them back, and to open its own stanza. What was
// learned (facts) and what to make of it (findings) are apart, so that every finding can be tested without a provider.
//
// A finding's subject and check are names that monitoring may rely on; docs/operations.md lists them.
package doctor

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// DefaultTimeout is how long an examination may take, people excepted. It is three attempts of a KEK that hangs.
const DefaultTimeout = 30 * time.Second

// Case is what to examine, and what with. Nothing in it is changed.
type Case struct {
	File     string   // the config
	Flags    string   // that say which config it is, for the commands to run next; "" if none are needed
	Warnings []string // what the environment says differently from it
	KEKs     []Patient
	Groups   map[string]int // of the config, with their thresholds
	Sources  []Source       // of the config
	Keystore Keystore
	State    State

	// Change makes it an examination of a config that is not in use yet: what 'keyring rewrap' would do with it is looked at
	// as well, and what it needs for that has to work.
	Change bool
	// Ask has those KEKs used that ask a person.
	Ask     bool
	Timeout time.Duration // 0 is DefaultTimeout

	// Verify opens the stanzas of these KEKs; see keyring.Verify. Not called without Keystore.Contents.
	Verify func(ctx context.Context, keks []*wrappers.KEK) (*keyring.Report, error)

	Now      func() time.Time
	Resolver Resolver
	Proxy    func(*http.Request) (*url.URL, error) // http.ProxyFromEnvironment
	Getenv   func(string) string
}

// Patient is a configured KEK.
type Patient struct {
	*wrappers.KEK
	Files []string // with something secret, that the config names
}

// Keystore is what could be read without a KEK.
type Keystore struct {
	Path     string
	Previous string             // where the generation before it is kept
	Contents *keystore.Contents // nil if there is none, or Err
	Err      error              // why it cannot be had
	Next     string             // what to do about Err
	Pin      ed25519.PublicKey

	Rotation keyring.Rotation // of the config
	Schedule keyring.Schedule // by that, with what was counted
	WearErr  error            // why it is not known what was
}

// Source is where the config says that sealed messages lie.
type Source struct {
	Name, Type, Path string
}

// State is what the command remembers of the keystore.
type State struct {
	Path string        // "" if there is no place for it
	Seen keystore.Seen // zero: nothing yet
	Err  error
}

// Resolver looks up the addresses of a host, as net.Resolver does.
type Resolver interface {
	LookupHost(ctx context.Context, host string) (addresses []string, err error)
}

// Examine examines all of c at once, people last, and returns within c.Timeout if no person is asked: a KEK that hangs
// costs its own findings only.
func Examine(ctx context.Context, c *Case) *Report {
	limit := c.Timeout
	if limit == 0 {
		limit = DefaultTimeout
	}
	limited, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the examination ended after %v: %w", limit, context.DeadlineExceeded))
	defer cancel()

	all := make([]*facts, len(c.KEKs))
	var opened verification
	var group sync.WaitGroup
	for i, p := range c.KEKs {
		all[i] = newFacts(p)
		if !p.WaitsForPerson() {
			group.Go(func() { all[i].learn(limited, c) })
		}
	}
	group.Go(func() { opened = c.verify(ctx, limited) })
	group.Wait()
	for _, f := range all {
		if f.person && c.Ask {
			f.learn(ctx, c) // after verify, so that who has just proven to know the passphrase is not asked twice
		}
		f.stanzaOf(c.Keystore.Contents, opened.report)
	}
	return c.report(all, opened)
}

// verification is what opening the keystore came to. Both are nil if it was not tried.
type verification struct {
	report *keyring.Report
	err    error // why there was nothing to open
}

// verify opens what may be opened. Where a person is asked as well, the KEKs' own deadlines are relied on.
func (c *Case) verify(ctx, limited context.Context) (v verification) {
	var keks []*wrappers.KEK
	for _, p := range c.KEKs {
		if p.WaitsForPerson() && !c.Ask {
			continue
		}
		keks = append(keks, p.KEK)
		if p.WaitsForPerson() {
			limited = ctx
		}
	}
	if c.Keystore.Contents == nil || len(keks) == 0 {
		return v
	}
	v.report, v.err = c.Verify(limited, keks)
	return v
}

// report puts causes before what follows from them.
func (c *Case) report(all []*facts, opened verification) *Report {
	findings := c.configFindings(all)
	findings = append(findings, c.stateFindings()...)
	findings = append(findings, c.sourceFindings()...)
	findings = append(findings, c.keystoreFindings()...)
	stuck := c.Keystore.Contents != nil && !waysOf(c.Keystore.Contents, all).open("")
	keks := make([]KEK, 0, len(all))
	for _, f := range all {
		f.stuck = stuck
		findings = append(findings, f.findings(c)...)
		keks = append(keks, f.values())
	}
	if c.Keystore.Contents != nil {
		findings = append(findings, c.strayFindings()...)
		findings = append(findings, c.openingFindings(all, opened)...)
	}
	if c.Change {
		findings = append(findings, c.changeFindings(all)...)
	}
	return newReport(c.File, c.Flags, c.Keystore.Path, keks, findings)
}
