package keyring

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// wrapped is a root under the KEKs of all groups: what the next generation says of them.
type wrapped struct {
	groups  []keystore.Group
	stanzas []keystore.Stanza // fresh ones, and older ones of this root that stay
	owed    []keystore.Owed
	fresh   map[string]bool  // the KEKs that have a fresh stanza
	proven  []string         // the KEKs whose stanza is known to give the root, or its share of it
	causes  map[string]error // why a KEK is owed
	splits  []GroupRewrap    // of the groups whose members wrap shares

	satisfied bool     // some group is, by proven KEKs
	short     []string // how far from it the others are
}

// wrapFresh wraps raw, a root that nothing has wrapped yet: the one of c.
func wrapFresh(ctx context.Context, raw secret.Bytes, c *keystore.Contents, keks []*wrappers.KEK, o *Options) (*wrapped, error) {
	teams, err := teamsOf(keks, o.Groups)
	if err != nil {
		return nil, err
	}
	return wrapRoot(ctx, &opened{raw: raw}, c, teams)
}

// wrapRoot wraps the root of c for all teams. KEKs that may answer another time are owed; some group must be satisfied by KEKs
// that have wrapped the root, or their share of it, and given it back.
func wrapRoot(ctx context.Context, from *opened, c *keystore.Contents, teams []*team) (*wrapped, error) {
	wrapEach(ctx, from.raw, c, teams)
	var errs []error
	for _, t := range teams {
		for _, r := range t.results {
			if wrappers.ClassOf(r.err) == wrappers.Never {
				return nil, r.err
			}
			if r.err != nil {
				errs = append(errs, r.err)
			}
		}
	}
	w := &wrapped{fresh: make(map[string]bool), causes: make(map[string]error)}
	for _, t := range teams {
		w.add(t, c, from.by)
	}
	if !w.satisfied {
		return nil, w.errNoneProven(errs)
	}
	return w, nil
}

// fill puts groups, stanzas and debts into c in the place of those that it has. A debt that c has already keeps its date.
func (w *wrapped) fill(c *keystore.Contents) {
	since := make(map[string]time.Time)
	for _, o := range c.Owed {
		since[o.KEK] = o.Since
	}
	c.Groups = slices.Clone(w.groups)
	c.Stanzas = slices.Clone(w.stanzas)
	c.Owed = slices.Clone(w.owed)
	for i := range c.Owed {
		o := &c.Owed[i]
		o.Since = c.Written
		if t, ok := since[o.KEK]; ok {
			o.Since = t
		}
	}
}

func (w *wrapped) errNoneProven(errs []error) error {
	if len(w.groups) == 0 {
		return fmt.Errorf("%w: no KEK is active, so nothing could ever open the keystore again", ErrNoKEK)
	}
	if len(w.splits) > 0 {
		short := fmt.Errorf("%w: no group would be sure to open it: %s KEKs that wrapped and gave back", ErrNoKEK, strings.Join(w.short, ", "))
		return errors.Join(append([]error{short}, errs...)...)
	}
	if len(errs) == 0 {
		return fmt.Errorf("%w: only recovery recipients are configured; add a KEK that can also unwrap", ErrNoKEK)
	}
	return fmt.Errorf("%w: none wrapped the root and gave it back: %w", ErrNoKEK, errors.Join(errs...))
}

type wrapResult struct {
	stanza keystore.Stanza
	err    error
}

// wrapEach asks the KEKs of all teams.
func wrapEach(ctx context.Context, raw secret.Bytes, c *keystore.Contents, teams []*team) {
	type job struct {
		team *team
		at   int
		part share
	}
	var keks []*wrappers.KEK
	var jobs []job
	for _, t := range teams {
		t.results = make([]wrapResult, len(t.keks))
		keks = append(keks, t.keks...)
		for i, part := range t.deal(raw) {
			defer part.values.Clear()
			jobs = append(jobs, job{t, i, part})
		}
	}
	eachKEK(keks, func(i int) {
		j := jobs[i]
		r := &j.team.results[j.at]
		r.stanza, r.err = wrapUnder(ctx, c, &j.team.Group, j.part, keks[i])
	})
}

// eachKEK calls do for each index of keks: at once for all that are services, so that one which hangs costs its own time
// only, and then one after the other for those that ask a person, who has one terminal.
func eachKEK(keks []*wrappers.KEK, do func(i int)) {
	var services sync.WaitGroup
	var people []int
	for i, k := range keks {
		if k.WaitsForPerson() {
			people = append(people, i)
			continue
		}
		services.Go(func() { do(i) })
	}
	services.Wait()
	for _, i := range people {
		do(i)
	}
}

func wrapUnder(ctx context.Context, c *keystore.Contents, g *keystore.Group, part share, k *wrappers.KEK) (keystore.Stanza, error) {
	s := keystore.Stanza{KEK: k.ID(), Provider: k.Provider(), Group: g.Name, Split: g.Split, Share: part.number}
	plaintext := payloadOf(c, &s).append(part.values.Expose())
	defer clear(plaintext)
	w, err := k.Wrap(ctx, plaintext, kekAAD(c.ID, c.Root))
	if err != nil {
		return s, err
	}
	s.KeyID, s.KeyVersion, s.Scheme, s.Wrapped = w.KeyID, w.KeyVersion, w.Scheme, w.Blob
	return s, nil
}

func activeKEKs(keks []*wrappers.KEK) []*wrappers.KEK {
	var active []*wrappers.KEK
	for _, k := range keks {
		if k.Active() {
			active = append(active, k)
		}
	}
	return active
}

// canReadBack reports whether the ring's active KEKs that have given this ring its root, or their share of it, satisfy a group
// of c: whether it is known that a key which is made now can be had again after a restart.
func (r *Ring) canReadBack(c *keystore.Contents) bool {
	r.swap.Lock()
	defer r.swap.Unlock()
	count := make(map[string]int)
	for _, k := range activeKEKs(r.keks) {
		if s := findStanza(c, k); s != nil && r.proven[k.ID()] {
			count[s.Group]++
		}
	}
	return slices.ContainsFunc(c.Groups, func(g keystore.Group) bool { return count[g.Name] >= g.Threshold })
}
