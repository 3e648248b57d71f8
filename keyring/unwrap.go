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

// opened is a root that a KEK has just unwrapped.
type opened struct {
	root *root
	raw  secret.Bytes // the 32 bytes; cleared by whoever called unwrapRoot
	by   string       // the KEK
}

// unwrapRoot opens the root of c with the first KEK that gives one which passes the commitment. A KEK that is wrong but
// fast is passed over.
func unwrapRoot(ctx context.Context, c *keystore.Contents, keks []*wrappers.KEK, o *Options) (*opened, error) {
	stanzas, candidates, err := matchStanzas(c, keks, o)
	if err != nil {
		return nil, err
	}
	var won *opened
	accept := func(i int, plaintext []byte) error {
		raw, err := payloadOf(c, stanzas[i]).parse(plaintext)
		if err != nil {
			return err
		}
		r, err := openRoot(raw, c)
		if err != nil {
			raw.Clear()
			return err
		}
		won = &opened{r, raw, stanzas[i].KEK}
		return nil
	}
	first, err := wrappers.UnwrapFirst(ctx, candidates, kekAAD(c.ID, c.Root), accept, &wrappers.HedgeOptions{Delay: o.HedgeDelay, Order: o.Order})
	if err != nil {
		return nil, err
	}
	clear(first.Plaintext)
	logAttempts(o, first.Attempts)
	return won, nil
}

// matchStanzas returns the stanzas that one of keks alone can open, and the KEK for each.
func matchStanzas(c *keystore.Contents, keks []*wrappers.KEK, o *Options) ([]*keystore.Stanza, []wrappers.Candidate, error) {
	var stanzas []*keystore.Stanza
	var candidates []wrappers.Candidate
	unpinned := ""
	for _, k := range activeFirst(keks) {
		s := findStanza(c, k)
		if s == nil || k.WrapOnly() || s.Share != 0 {
			continue
		}
		if k.RequiresPin() && o.Identity == nil {
			unpinned = k.ID()
			continue
		}
		stanzas = append(stanzas, s)
		candidates = append(candidates, wrappers.Candidate{KEK: k, Wrapped: wrappedOf(s)})
	}
	if len(stanzas) > 0 {
		return stanzas, candidates, nil
	}
	if unpinned != "" {
		return nil, nil, errUnpinned(c, unpinned)
	}
	return nil, nil, errNoStanza(c, keks)
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

func errUnpinned(c *keystore.Contents, kek string) error {
	return fmt.Errorf("%w: anybody can encrypt under %s, so it only opens a keystore whose identity is pinned; this one's is %s",
		ErrPinRequired, kek, keystore.FormatPin(c.Identity.Public))
}

func errNoStanza(c *keystore.Contents, keks []*wrappers.KEK) error {
	var have, given []string
	for _, s := range c.Stanzas {
		have = append(have, s.KEK)
	}
	for _, k := range keks {
		given = append(given, k.ID())
	}
	return fmt.Errorf("%w: the keystore is wrapped for [%s], and the ring was given [%s], of which none can open it by itself: "+
		"name one of the former, or open it with a recovery key", ErrNoKEK, strings.Join(have, " "), strings.Join(given, " "))
}

// findStanza returns the stanza of a KEK.
func findStanza(c *keystore.Contents, k *wrappers.KEK) *keystore.Stanza {
	for i := range c.Stanzas {
		if s := &c.Stanzas[i]; s.KEK == k.ID() && s.Provider == k.Provider() {
			return s
		}
	}
	return nil
}

func payloadOf(c *keystore.Contents, s *keystore.Stanza) payload {
	return payload{keystore: c.ID, root: c.Root, group: s.Group, split: s.Split, share: s.Share}
}

func wrappedOf(s *keystore.Stanza) *wrappers.Wrapped {
	return &wrappers.Wrapped{Scheme: s.Scheme, KeyID: s.KeyID, KeyVersion: s.KeyVersion, Blob: s.Wrapped}
}

// kekAAD returns what a KEK is asked to bind, in a spelling that can be typed into a provider's own command. UUIDs have
// one length and one alphabet, so nothing can be shifted between the two.
func kekAAD(ks, root keystore.ID) []byte {
	return fmt.Appendf(nil, "sealwax/v1 keystore=%s root=%s", ks, root)
}

// logAttempts tells who opened the keystore and who could not. When nobody could, the error says the same.
func logAttempts(o *Options, attempts []wrappers.Attempt) {
	for _, a := range attempts {
		switch {
		case a.Err == nil:
			o.Logger.Info("keyring: root unwrapped", "kek", a.KEK, "after", a.Started, "took", a.Took)
		case !errors.Is(a.Err, wrappers.ErrNotNeeded):
			o.Logger.Warn("keyring: KEK did not open the keystore", "kek", a.KEK, "after", a.Started, "took", a.Took, "error", a.Err)
		}
	}
}
