package keyring

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// opened is a root that KEKs have just unwrapped.
type opened struct {
	root *root
	raw  secret.Bytes // the 32 bytes; cleared by whoever called unwrapRoot
	by   []string     // the KEK, or those whose shares it was made of
}

// close clears the root, for nobody who needs it.
func (o *opened) close() {
	o.root.close()
	o.raw.Clear()
}

// unwrapRoot opens the root of c with the first KEK, or the first group of KEKs, that gives one which passes the
// commitment. What is wrong but fast is passed over.
//
// The KEKs that each open it alone are asked first, hedged; a group joins them when they have failed or are slow. People are
// asked when all services have failed, and those first of whom one is enough.
func unwrapRoot(ctx context.Context, c *keystore.Contents, keks []*wrappers.KEK, o *Options) (*opened, error) {
	ways := waysTo(c, keks, o)
	if len(ways) == 0 {
		return nil, errNoStanza(c, keks)
	}
	won := raceWays(ctx, ways, o)
	if won == nil {
		won = tryPeople(ctx, ways)
	}
	if won == nil {
		return nil, errNoWay(ways)
	}
	for _, w := range ways {
		w.close()
		logAttempts(o, w)
	}
	return won, nil
}

// waysTo returns the ways to the root of c that keks may know, those first that need one KEK. A KEK that needs a pin where
// there is none takes part in no way.
func waysTo(c *keystore.Contents, keks []*wrappers.KEK, o *Options) []way {
	single := &alone{contents: c, options: o}
	groups := make(map[string]*gathering)
	for _, k := range activeFirst(keks) {
		s := findStanza(c, k)
		if s == nil || k.WrapOnly() {
			continue
		}
		unpinned := k.RequiresPin() && o.Identity == nil
		if s.Share == 0 {
			single.add(k, s, unpinned)
			continue
		}
		if groups[s.Group] == nil {
			groups[s.Group] = newGathering(c, s.Group, keks, o)
		}
		groups[s.Group].add(k, s, unpinned)
	}
	var ways []way
	if len(single.candidates) > 0 || len(single.unpinned) > 0 {
		ways = append(ways, single)
	}
	for _, g := range c.Groups {
		if found := groups[g.Name]; found != nil {
			ways = append(ways, found)
		}
	}
	return ways
}

// activeFirst returns keks with the inactive ones last: a ring that an active one opened can also rotate.
func activeFirst(keks []*wrappers.KEK) []*wrappers.KEK {
	sorted := slices.Clone(keks)
	slices.SortStableFunc(sorted, func(a, b *wrappers.KEK) int {
		if a.Active() == b.Active() {
			return 0
		} else if a.Active() {
			return -1
		}
		return 1
	})
	return sorted
}

func errUnpinned(c *keystore.Contents, keks ...string) error {
	return fmt.Errorf("%w: anybody can encrypt under %s, so it only opens a keystore whose identity is pinned; this one's is %s",
		ErrPinRequired, strings.Join(keks, " and "), keystore.FormatPin(c.Identity.Public))
}

func errNoStanza(c *keystore.Contents, keks []*wrappers.KEK) error {
	var have []string
	for _, s := range c.Stanzas {
		have = append(have, s.KEK)
	}
	return fmt.Errorf("%w: the keystore is wrapped for [%s], and the ring was given [%s], of which none can open it by itself: "+
		"name one of the former, or open it with a recovery key", ErrNoKEK, strings.Join(have, " "), strings.Join(idsOfKEKs(keks), " "))
}

// findStanza returns the stanza of a KEK.
func findStanza(c *keystore.Contents, k *wrappers.KEK) *keystore.Stanza {
	for i := range c.Stanzas {
		if s := &c.Stanzas[i]; isOf(k, s) {
			return s
		}
	}
	return nil
}

func isOf(k *wrappers.KEK, s *keystore.Stanza) bool {
	return s.KEK == k.ID() && s.Provider == k.Provider()
}

func payloadOf(c *keystore.Contents, s *keystore.Stanza) payload {
	return payload{keystore: c.ID, root: c.Root, group: s.Group, split: s.Split, share: s.Share}
}

func wrappedOf(s *keystore.Stanza) *wrappers.Wrapped {
	return &wrappers.Wrapped{Scheme: s.Scheme, KeyID: s.KeyID, KeyVersion: s.KeyVersion, Blob: s.Wrapped}
}

// errOf returns an error about what a KEK unwrapped, in the form that errors of KEKs have.
func errOf(k *wrappers.KEK, s *keystore.Stanza, err error) error {
	return &wrappers.Error{KEK: k.ID(), Provider: k.Provider(), Op: "unwrap", KeyID: s.KeyID, Class: wrappers.Never, Err: err}
}

// kekAAD returns what a KEK is asked to bind, in a spelling that can be typed into a provider's own command. UUIDs have
// one length and one alphabet, so nothing can be shifted between the two.
func kekAAD(ks, root keystore.ID) []byte {
	return fmt.Appendf(nil, "sealwax/v1 keystore=%s root=%s", ks, root)
}

// logAttempts tells who opened the keystore and who could not. When nobody could, the error says the same.
func logAttempts(o *Options, w way) {
	for _, a := range w.attempts() {
		switch {
		case a.Err == nil:
			o.Logger.Info("keyring: "+w.gives()+" unwrapped", "kek", a.KEK, "after", a.Started, "took", a.Took)
		case !errors.Is(a.Err, wrappers.ErrNotNeeded):
			o.Logger.Warn("keyring: KEK did not open the keystore", "kek", a.KEK, "after", a.Started, "took", a.Took, "error", a.Err)
		}
	}
}
