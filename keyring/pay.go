package keyring

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// errOvertaken: somebody else has wrapped the root meanwhile, and perhaps paid.
var errOvertaken = errors.New("the root was wrapped anew meanwhile")

// pay wraps the root for those of the ring's KEKs that are owed a stanza and answer now. It changes nothing else, so
// other servers, with other KEKs, lose nothing by it.
//
// The root is unwrapped only once somebody is there to receive it: otherwise a KEK that is down for a week would have
// every server hold it in memory, and call the other KEKs, once an hour.
//
// Nobody in refused is asked, and who says never is put there.
func (r *Ring) pay(ctx context.Context, refused refusals) error {
	held, err := r.rewrappable(ctx)
	if err != nil {
		return err
	}
	c := held.contents
	due, err := r.due(c, refused)
	if err != nil {
		return err
	}
	ready, errs := rehearse(ctx, c, due)
	errs = r.giveUp(errs, refused)
	if len(ready) == 0 {
		return errors.Join(errs...)
	}
	opened, err := unwrapRoot(ctx, c, withoutPeople(r.currentKEKs()), r.opts.pinning(c))
	if err != nil {
		return errors.Join(append(errs, fmt.Errorf("unwrap the root to pay: %w", err))...)
	}
	defer opened.close()
	wrapEach(ctx, opened.raw, c, ready)
	paid, late := whole(ready)
	if errs = append(errs, late...); len(paid) > 0 {
		errs = append(errs, r.hand(ctx, c, paid))
	}
	return errors.Join(errs...)
}

// rehearse has the teams wrap 32 bytes that mean nothing. It returns those who did, and the errors of the others.
func rehearse(ctx context.Context, c *keystore.Contents, teams []*team) ([]*team, []error) {
	nothing := newRootBytes()
	defer nothing.Clear()
	wrapEach(ctx, nothing, c, teams)
	return whole(teams)
}

// whole returns what of the teams has wrapped, and the errors of the others. A team that wraps shares has wrapped only if all
// its members have.
func whole(teams []*team) (done []*team, errs []error) {
	for _, t := range teams {
		able := &team{Group: t.Group}
		for i, result := range t.results {
			if result.err != nil {
				errs = append(errs, result.err)
				continue
			}
			able.keks, able.results = append(able.keks, t.keks[i]), append(able.results, result)
		}
		if len(able.keks) == len(t.keks) || len(able.keks) > 0 && t.Threshold == 1 {
			done = append(done, able)
		}
	}
	return done, errs
}

// hand writes what the teams have wrapped in the place of what base has for them, unless somebody was faster.
func (r *Ring) hand(ctx context.Context, base *keystore.Contents, teams []*team) error {
	var proven []string
	for _, t := range teams {
		proven = append(proven, idsOfKEKs(slices.DeleteFunc(slices.Clone(t.keks), (*wrappers.KEK).WrapOnly))...)
	}
	s, err := r.commit(ctx, func(next *keystore.Contents, held *root) (*root, error) {
		if sameWrapping(base, next) != nil {
			return nil, errOvertaken
		}
		for _, t := range teams {
			t.settle(next)
		}
		return held, nil
	}, func() { r.prove(proven...) })
	if errors.Is(err, errOvertaken) {
		return nil // what is still owed then is paid next time
	}
	if err != nil {
		return err
	}
	for _, t := range teams {
		r.opts.Logger.Info("keyring: a debt is paid, KEKs that were owed a stanza have it",
			"keks", idsOfKEKs(t.keks), "group", t.Name, "generation", s.contents.Generation)
	}
	if slices.ContainsFunc(base.Stanzas, func(old keystore.Stanza) bool { return teamOf(teams, old.KEK) != nil }) {
		return r.removePrevious(ctx) // as after a rewrap: what was replaced is to go
	}
	return nil
}

// settle puts the team's stanzas into c, in the place of older ones, and takes out what they were owed.
func (t *team) settle(c *keystore.Contents) {
	c.Stanzas = slices.DeleteFunc(c.Stanzas, func(s keystore.Stanza) bool { return t.isMember(s.KEK) })
	c.Owed = slices.DeleteFunc(c.Owed, func(o keystore.Owed) bool { return t.isMember(o.KEK) })
	for i := range c.Groups {
		if c.Groups[i].Name == t.Name {
			c.Groups[i] = t.Group
		}
	}
	for _, result := range t.results {
		c.Stanzas = append(c.Stanzas, result.stanza)
	}
}

func (t *team) isMember(kek string) bool { return slices.Contains(idsOfKEKs(t.keks), kek) }

func teamOf(teams []*team, kek string) *team {
	for _, t := range teams {
		if t.isMember(kek) {
			return t
		}
	}
	return nil
}

func idsOfKEKs(keks []*wrappers.KEK) []string {
	var ids []string
	for _, k := range keks {
		ids = append(ids, k.ID())
	}
	return ids
}
