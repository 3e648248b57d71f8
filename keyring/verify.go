package keyring

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// Report says what of a keystore was proven to open.
type Report struct {
	Seen   keystore.Seen // the generation that was looked at
	KEKs   []KEKReport
	Groups []GroupReport
	Keys   []KeyReport // without tombstones, which have nothing to open
}

// KEKReport is what became of the stanza of one KEK.
type KEKReport struct {
	KEK      string
	Provider string
	Group    string        // of its stanza; "" without one
	Unproven bool          // it can only wrap, so only a recovery proves it, or gave a share with too few others to try it
	Owed     bool          // it has no stanza yet, and the keystore says that it is owed one
	Took     time.Duration // of the unwrap
	Err      error
}

// KeyReport is whether a key opens, the private halves of its signing keys included.
type KeyReport struct {
	ID    keystore.ID
	State keystore.State
	Err   error
}

// Proven reports whether a KEK opened the root.
func (p *Report) Proven() bool {
	for _, k := range p.KEKs {
		if k.Err == nil && !k.Unproven && !k.Owed {
			return true
		}
	}
	return false
}

// OK reports whether everything that can be proven was, the root at least. A debt is not wrong.
func (p *Report) OK() bool {
	for _, k := range p.KEKs {
		if k.Err != nil {
			return false
		}
	}
	for _, k := range p.Keys {
		if k.Err != nil {
			return false
		}
	}
	return p.Proven()
}

// Verify reads the keystore anew and proves each part of it: every stanza is unwrapped by its own KEK, every share is
// tried with the others of its group, and every key is opened under the root. It changes nothing, neither in the store
// nor in the ring.
//
// An error means that there was nothing to prove: the store could not be read or what it holds is not this ring's
// keystore. What was found wrong is in the report.
func (r *Ring) Verify(ctx context.Context) (*Report, error) {
	s := r.state.Load()
	if s.closed {
		return nil, ErrClosed
	}
	return verify(ctx, r.store, r.currentKEKs(), s.expect())
}

// Verify is Ring.Verify for a keystore that may not open: it needs no ring.
func Verify(ctx context.Context, store keystore.Store, keks []*wrappers.KEK, o *Options) (*Report, error) {
	args, err := checkArguments(store, keks, o)
	if err != nil {
		return nil, fmt.Errorf("keyring: verify: %w", err)
	}
	return verify(ctx, store, keks, args.opts.expect())
}

func verify(ctx context.Context, store keystore.Store, keks []*wrappers.KEK, expect *keystore.Expect) (*Report, error) {
	c, digest, err := keystore.Fetch(ctx, store, expect)
	if err != nil {
		return nil, fmt.Errorf("keyring: verify: %w", err)
	}
	keks = slices.DeleteFunc(slices.Clone(keks), func(k *wrappers.KEK) bool {
		return !k.Active() && findStanza(c, k) == nil
	})
	stanzas := verifyStanzas(ctx, c, keks, expect.Identity != nil)
	report := &Report{Seen: seen(c, digest)}
	var proven *root
	for i := range c.Groups {
		r, group := verifyGroup(ctx, c, &c.Groups[i], stanzas)
		report.Groups = append(report.Groups, group)
		if r != nil {
			proven = r
			defer r.close()
		}
	}
	for _, s := range stanzas {
		report.KEKs = append(report.KEKs, s.report)
	}
	report.Keys = verifyKeys(c, proven)
	return report, nil
}

// verifiedStanza is what came of asking a KEK for its stanza.
type verifiedStanza struct {
	kek    *wrappers.KEK
	stanza *keystore.Stanza
	values secret.Bytes // the root or the share; empty if there is none
	report KEKReport
}

// verifyStanzas asks the KEKs.
func verifyStanzas(ctx context.Context, c *keystore.Contents, keks []*wrappers.KEK, pinned bool) []*verifiedStanza {
	stanzas := make([]*verifiedStanza, len(keks))
	eachKEK(keks, func(i int) { stanzas[i] = verifyStanza(ctx, c, keks[i], pinned) })
	return stanzas
}

func verifyStanza(ctx context.Context, c *keystore.Contents, k *wrappers.KEK, pinned bool) *verifiedStanza {
	s := findStanza(c, k)
	v := &verifiedStanza{kek: k, stanza: s, report: KEKReport{KEK: k.ID(), Provider: k.Provider(), Unproven: k.WrapOnly()}}
	report := &v.report
	switch {
	case s == nil && isOwed(c, k):
		report.Owed = true
		return v
	case s == nil:
		report.Err = fmt.Errorf("%w: %s has no stanza in the keystore: run 'keyring rewrap'", ErrNoKEK, k.ID())
		return v
	}
	report.Group = s.Group
	if report.Unproven {
		return v
	}
	if k.RequiresPin() && !pinned {
		report.Err = errUnpinned(c, k.ID())
		return v
	}
	began := time.Now()
	plaintext, err := k.Unwrap(ctx, wrappedOf(s), kekAAD(c.ID, c.Root))
	report.Took = time.Since(began)
	defer clear(plaintext)
	if err != nil {
		report.Err = err
		return v
	}
	if v.values, err = payloadOf(c, s).parse(plaintext); err != nil {
		report.Err = errOf(k, s, err)
	}
	return v
}

func isOwed(c *keystore.Contents, k *wrappers.KEK) bool {
	return slices.ContainsFunc(c.Owed, func(o keystore.Owed) bool { return o.KEK == k.ID() && o.Provider == k.Provider() })
}

func verifyKeys(c *keystore.Contents, r *root) []KeyReport {
	reports := make([]KeyReport, 0, len(c.Keys))
	for i := range c.Keys {
		k := &c.Keys[i]
		if k.State == keystore.Destroyed {
			continue
		}
		report := KeyReport{ID: k.ID, State: k.State, Err: ErrNotProven}
		if r != nil {
			report.Err = errors.Join(openKey(r, k).err, verifySigning(r, k))
		}
		reports = append(reports, report)
	}
	return reports
}
