package keyring

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// alone are the KEKs whose stanzas wrap the root itself.
type alone struct {
	contents   *keystore.Contents
	options    *Options
	stanzas    []*keystore.Stanza
	candidates []wrappers.Candidate
	unpinned   []string // KEKs that are no candidates for want of a pin
	asked      []wrappers.Attempt
}

func (a *alone) add(k *wrappers.KEK, s *keystore.Stanza, unpinned bool) {
	if unpinned {
		a.unpinned = append(a.unpinned, k.ID())
		return
	}
	a.stanzas = append(a.stanzas, s)
	a.candidates = append(a.candidates, wrappers.Candidate{KEK: k, Wrapped: wrappedOf(s)})
}

func (a *alone) can(w who) bool {
	for _, c := range a.candidates {
		if w.includes(c.KEK) {
			return true
		}
	}
	return false
}

func (a *alone) rests(now time.Time) bool {
	return !slices.ContainsFunc(a.candidates, func(c wrappers.Candidate) bool { return ready(c.KEK, now) })
}

// ready reports whether a service has answered lately, or was not asked.
func ready(k *wrappers.KEK, now time.Time) bool {
	return services.includes(k) && !k.Health().Resting(now)
}

func (a *alone) try(ctx context.Context, w who) *opened {
	var stanzas []*keystore.Stanza
	var candidates []wrappers.Candidate
	for i, c := range a.candidates {
		if w.includes(c.KEK) {
			stanzas, candidates = append(stanzas, a.stanzas[i]), append(candidates, c)
		}
	}
	var won *opened
	accept := func(i int, plaintext []byte) (err error) {
		won, err = openStanza(a.contents, stanzas[i], plaintext)
		return err
	}
	c := a.contents
	first, err := wrappers.UnwrapFirst(ctx, candidates, kekAAD(c.ID, c.Root), accept,
		&wrappers.HedgeOptions{Delay: a.options.HedgeDelay, Order: a.options.Order})
	if set, ok := errors.AsType[*wrappers.SetError](err); ok {
		a.asked = append(a.asked, set.Attempts...)
		return nil
	}
	clear(first.Plaintext)
	a.asked = append(a.asked, first.Attempts...)
	return won
}

// openStanza opens the root of c with what a KEK unwrapped.
func openStanza(c *keystore.Contents, s *keystore.Stanza, plaintext []byte) (*opened, error) {
	raw, err := payloadOf(c, s).parse(plaintext)
	if err != nil {
		return nil, err
	}
	r, err := openRoot(raw, c)
	if err != nil {
		raw.Clear()
		return nil, err
	}
	return &opened{r, raw, []string{s.KEK}}, nil
}

func (a *alone) gives() string                { return "root" }
func (a *alone) attempts() []wrappers.Attempt { return a.asked }
func (a *alone) close()                       {}

func (a *alone) err() error {
	if len(a.candidates) == 0 {
		return errUnpinned(a.contents, a.unpinned...)
	}
	set := &wrappers.SetError{Attempts: a.asked}
	if len(a.unpinned) == 0 {
		return set
	}
	return fmt.Errorf("%w\n%v", set, errUnpinned(a.contents, a.unpinned...)) // not %w: another try may open it, without a pin
}
