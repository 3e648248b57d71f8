package keyring

import (
	"context"
	"fmt"
	"slices"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// RewrapReport says what became of each KEK.
type RewrapReport struct {
	Generation   uint64
	Wrapped      []string         // have a fresh stanza
	Owed         map[string]error // did not answer, with the reason; they keep the stanza that they had
	Dropped      []string         // had a stanza and have none any more
	NoLongerOwed []string         // were owed their first stanza and no longer are, being inactive or not given
	Groups       []GroupRewrap    // those whose members wrap shares of the root
}

// Rewrap wraps the root for keks and Options.Groups, which the ring works with from then on: each active one gets a fresh
// stanza, under the current version of its key, and is read back; those that are inactive or not among keks lose theirs.
// The root and the keys stay what they are, so no message is touched.
//
// An active KEK that does not answer now keeps the stanza that it had and is owed a fresh one; its group, if that has a
// threshold above 1, keeps the split that it had, since shares of two splits do not go together. Some group must be
// satisfied by KEKs that have just given the root, or their share of it, back; a recovery recipient cannot. Nothing is
// dropped before that, and the whole change is one write.
//
// It unwraps the root once more with the KEKs that the ring had, since the ring does not keep it.
func (r *Ring) Rewrap(ctx context.Context, keks ...*wrappers.KEK) (*RewrapReport, error) {
	report, err := r.rewrap(ctx, keks)
	if err != nil {
		return nil, fmt.Errorf("keyring: rewrap: %w", err)
	}
	if err := r.removePrevious(ctx); err != nil {
		return report, fmt.Errorf("keyring: rewrap: written, but: %w", err)
	}
	return report, nil
}

func (r *Ring) rewrap(ctx context.Context, keks []*wrappers.KEK) (*RewrapReport, error) {
	held, err := r.rewrappable(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkKEKs(keks, r.opts.Groups); err != nil {
		return nil, err
	}
	teams, err := teamsOf(keks, r.opts.Groups)
	if err != nil {
		return nil, err
	}
	c, had := held.contents, r.currentKEKs()
	opened, err := unwrapRoot(ctx, c, had, r.opts.pinning(c))
	if err != nil {
		return nil, err
	}
	defer opened.close()
	opened.by = staying(opened.by, had, keks)
	w, err := wrapRoot(ctx, opened, c, teams)
	if err != nil {
		return nil, err
	}
	report := &RewrapReport{Owed: w.causes, Groups: w.splits}
	s, err := r.commit(ctx, func(next *keystore.Contents, held *root) (*root, error) {
		if err := sameWrapping(c, next); err != nil {
			return nil, err
		}
		report.fill(next, w)
		return held, nil
	}, func() { r.setKEKs(slices.Clone(keks), w.proven) })
	if err != nil {
		return nil, err
	}
	w.log(&r.opts)
	report.Generation = s.contents.Generation
	return report, nil
}

// staying returns which of the KEKs called by are the same before and after. Another KEK of the same name may be of another
// key: that the first one opens the stanza says nothing of it.
func staying(by []string, before, after []*wrappers.KEK) []string {
	both := slices.DeleteFunc(slices.Clone(before), func(k *wrappers.KEK) bool { return !slices.Contains(after, k) })
	ids := idsOfKEKs(both)
	return slices.DeleteFunc(by, func(id string) bool { return !slices.Contains(ids, id) })
}

// fill puts the new stanzas into c, and into the report what that changes.
func (report *RewrapReport) fill(c *keystore.Contents, w *wrapped) {
	report.Wrapped, report.Dropped, report.NoLongerOwed = nil, nil, nil
	before, debts := c.Stanzas, c.Owed
	w.fill(c)
	kept := make(map[string]bool)
	for _, s := range w.stanzas {
		kept[s.KEK] = true
		if w.fresh[s.KEK] {
			report.Wrapped = append(report.Wrapped, s.KEK)
		}
	}
	for _, s := range before {
		if !kept[s.KEK] {
			report.Dropped = append(report.Dropped, s.KEK)
		}
	}
	for _, o := range debts {
		if _, owed := w.causes[o.KEK]; !owed && !kept[o.KEK] && !slices.Contains(report.Dropped, o.KEK) {
			report.NoLongerOwed = append(report.NoLongerOwed, o.KEK)
		}
	}
}
