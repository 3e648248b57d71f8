package keyring

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// wrapped is a root under a set of KEKs.
type wrapped struct {
	stanzas []keystore.Stanza
	owed    []keystore.Owed
	proven  []string         // the KEKs that gave the root back
	causes  map[string]error // why a KEK is owed
}

// wrapRoot wraps raw, the root of c, under every active KEK. Those that may answer another time are owed; at least one must
// have wrapped the root and given it back.
func wrapRoot(ctx context.Context, raw secret.Bytes, c *keystore.Contents, keks []*wrappers.KEK, o *Options) (*wrapped, error) {
	active := activeKEKs(keks)
	results := wrapEach(ctx, raw, c, active)
	w := &wrapped{causes: make(map[string]error)}
	var errs []error
	for i, k := range active {
		if err := results[i].err; err != nil {
			errs = append(errs, err)
			if wrappers.ClassOf(err) == wrappers.Never {
				return nil, err
			}
			w.owe(k, err, o)
			continue
		}
		w.stanzas = append(w.stanzas, results[i].stanza)
		if !k.WrapOnly() {
			w.proven = append(w.proven, k.ID())
		}
	}
	if len(w.proven) == 0 {
		return nil, errNoneProven(active, errs)
	}
	return w, nil
}

func (w *wrapped) owe(k *wrappers.KEK, cause error, o *Options) {
	w.owed = append(w.owed, keystore.Owed{KEK: k.ID(), Provider: k.Provider(), Group: defaultGroup})
	w.causes[k.ID()] = cause
	o.Logger.Warn("keyring: KEK did not wrap the root and is owed a stanza", "kek", k.ID(), "error", cause)
}

// fill puts the stanzas and debts into c in the place of those that it has. A debt that c has already keeps its date.
func (w *wrapped) fill(c *keystore.Contents) {
	since := make(map[string]time.Time)
	for _, o := range c.Owed {
		since[o.KEK] = o.Since
	}
	c.Groups = []keystore.Group{{Name: defaultGroup, Threshold: 1}}
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

func errNoneProven(active []*wrappers.KEK, errs []error) error {
	if len(active) == 0 {
		return fmt.Errorf("%w: no KEK is active, so nothing could ever open the keystore again", ErrNoKEK)
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

func wrapEach(ctx context.Context, raw secret.Bytes, c *keystore.Contents, keks []*wrappers.KEK) []wrapResult {
	results := make([]wrapResult, len(keks))
	eachKEK(keks, func(i int) { results[i].stanza, results[i].err = wrapUnder(ctx, raw, c, keks[i]) })
	return results
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

func wrapUnder(ctx context.Context, raw secret.Bytes, c *keystore.Contents, k *wrappers.KEK) (keystore.Stanza, error) {
	s := keystore.Stanza{KEK: k.ID(), Provider: k.Provider(), Group: defaultGroup}
	plaintext := payloadOf(c, &s).append(raw.Expose())
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

// canReadBack reports whether one of the ring's active KEKs has a stanza in c and has given this ring its root: whether
// it is known that a key which is made now can be had again after a restart.
func (r *Ring) canReadBack(c *keystore.Contents) bool {
	r.swap.Lock()
	defer r.swap.Unlock()
	for _, k := range activeKEKs(r.keks) {
		if r.proven[k.ID()] && findStanza(c, k) != nil {
			return true
		}
	}
	return false
}
