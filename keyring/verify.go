package keyring

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// Report says what of a keystore was proven to open.
type Report struct {
	Seen keystore.Seen // the generation that was looked at
	KEKs []KEKReport
	Keys []KeyReport // without tombstones, which have nothing to open
}

// KEKReport is what became of the stanza of one KEK.
type KEKReport struct {
	KEK      string
	Provider string
	Unproven bool          // it can only wrap: nothing short of a recovery proves its stanza
	Owed     bool          // it has no stanza yet, and the keystore says that it is owed one
	Took     time.Duration // of the unwrap
	Err      error
}

// KeyReport is whether a key opens.
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

// Verify reads the keystore anew and proves each part of it: every stanza is unwrapped by its own KEK, and every key is opened
// under the root. It changes nothing, neither in the store nor in the ring.
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
	roots, reports := verifyStanzas(ctx, c, keks, expect.Identity != nil)
	var proven *root
	for _, r := range roots {
		if r != nil {
			proven = r
			defer r.close()
		}
	}
	return &Report{Seen: seen(c, digest), KEKs: reports, Keys: verifyKeys(c, proven)}, nil
}

// verifyStanzas asks all KEKs that have something to show.
func verifyStanzas(ctx context.Context, c *keystore.Contents, keks []*wrappers.KEK, pinned bool) ([]*root, []KEKReport) {
	keks = slices.DeleteFunc(slices.Clone(keks), func(k *wrappers.KEK) bool {
		return !k.Active() && findStanza(c, k) == nil
	})
	roots, reports := make([]*root, len(keks)), make([]KEKReport, len(keks))
	eachKEK(keks, func(i int) {
		roots[i], reports[i] = verifyStanza(ctx, c, findStanza(c, keks[i]), keks[i], pinned)
	})
	return roots, reports
}

// verifyStanza unwraps a stanza and returns the root that it gave, nil if it gave none.
func verifyStanza(ctx context.Context, c *keystore.Contents, s *keystore.Stanza, k *wrappers.KEK, pinned bool) (*root, KEKReport) {
	report := KEKReport{KEK: k.ID(), Provider: k.Provider(), Unproven: k.WrapOnly()}
	if s == nil && isOwed(c, k) {
		report.Owed = true
		return nil, report
	}
	if s == nil {
		report.Err = fmt.Errorf("%w: %s has no stanza in the keystore: run 'keyring rewrap'", ErrNoKEK, k.ID())
		return nil, report
	}
	if report.Unproven {
		return nil, report
	}
	if k.RequiresPin() && !pinned {
		report.Err = errUnpinned(c, k.ID())
		return nil, report
	}
	began := time.Now()
	plaintext, err := k.Unwrap(ctx, wrappedOf(s), kekAAD(c.ID, c.Root))
	report.Took = time.Since(began)
	defer clear(plaintext)
	if err != nil {
		report.Err = err
		return nil, report
	}
	r, err := openPayload(c, s, plaintext)
	report.Err = err
	return r, report
}

func isOwed(c *keystore.Contents, k *wrappers.KEK) bool {
	return slices.ContainsFunc(c.Owed, func(o keystore.Owed) bool { return o.KEK == k.ID() && o.Provider == k.Provider() })
}

// openPayload returns the root of c out of what a KEK unwrapped.
func openPayload(c *keystore.Contents, s *keystore.Stanza, plaintext []byte) (*root, error) {
	raw, err := payloadOf(c, s).parse(plaintext)
	if err != nil {
		return nil, err
	}
	defer raw.Clear()
	return openRoot(raw, c)
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
			report.Err = openKey(r, k).err
		}
		reports = append(reports, report)
	}
	return reports
}
