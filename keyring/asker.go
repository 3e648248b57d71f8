package keyring

import (
	"context"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/sealwax/sealwax/internal/sleep"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// The pauses of a Load that waits are drawn evenly from 0 to 1 s, 2 s, 4 s, 8 s and then 10 s. So a KEK that is back is
// found within 10 s, and a thousand servers that wait for it come to it at a hundred a second, which no KMS refuses.
const (
	askFirst = 500 * time.Millisecond // the means
	askMost  = 5 * time.Second
)

func askPauses() *backoff.ExponentialBackOff { return pauses(askFirst, askMost, 1) }

// pauses returns pauses that double from a mean of first to one of most. Each is longer or shorter than that by chance, by
// up to spread times as much.
func pauses(first, most time.Duration, spread float64) *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval, b.Multiplier, b.RandomizationFactor = first, most, 2, spread
	return b
}

// asker asks one KEK, or those of a group together, again and again.
type asker struct {
	keks []*wrappers.KEK

	// An error that asking again does not mend, and the keystore that it is about: only another one is worth another call.
	refusal error
	refused keystore.Digest
}

// String names the KEKs. A nil asker stands for all of them.
func (a *asker) String() string {
	if a == nil {
		return "all"
	}
	return strings.Join(idsOfKEKs(a.keks), " ")
}

// askersOf returns an asker for each KEK that can be asked while nobody is watching, and for those together of which one alone
// could not open c. A person is asked once, in the first try, and may take their time over it.
func askersOf(c *keystore.Contents, keks []*wrappers.KEK) []*asker {
	var askers []*asker
	groups := make(map[string]*asker)
	for _, k := range activeFirst(keks) {
		if k.WrapOnly() || k.WaitsForPerson() {
			continue
		}
		group := groupIn(c, k)
		a := groups[group]
		if a == nil || group == "" {
			a = &asker{}
			groups[group] = a
			askers = append(askers, a)
		}
		a.keks = append(a.keks, k)
	}
	return askers
}

// groupIn returns the group in which k has a share of the root. If it has none it is the one of the config, where it may have
// one tomorrow.
func groupIn(c *keystore.Contents, k *wrappers.KEK) string {
	if s := findStanza(c, k); s != nil && s.Share > 0 {
		return s.Group
	}
	return k.Group()
}

// ask tries until the keystore is open or ctx is done.
func (v *vigil) ask(ctx context.Context, a *asker) {
	select {
	case <-v.turn:
	case <-ctx.Done():
		return
	}
	pauses := askPauses()
	pauses.NextBackOff() // the one that v.pause stands for
	for pause := v.pause; sleep.For(ctx, pause); {
		t := v.askOnce(ctx, a)
		pause = pauses.NextBackOff()
		t.by, t.next = a, pause
		v.tries <- t
	}
}

// askOnce reads the keystore anew, since it may have been rewrapped, and asks unless it is known what would come of it.
func (v *vigil) askOnce(ctx context.Context, a *asker) try {
	got, err := v.ring.read(ctx)
	if err != nil {
		return try{err: err}
	}
	if got.digest == a.refused {
		return try{of: got.digest, err: a.refusal, known: true}
	}
	t := v.ring.open(ctx, got, a.keks)
	if t.err != nil && !mayAnswer(t.err) {
		a.refusal, a.refused = t.err, got.digest
	}
	return t
}

// open opens what was read with keks.
func (r *Ring) open(ctx context.Context, got *reading, keks []*wrappers.KEK) try {
	opened, err := unwrapRoot(ctx, got.contents, keks, &r.opts)
	if err != nil {
		return try{of: got.digest, err: err}
	}
	got.opened = opened
	return try{of: got.digest, opened: got}
}

// spare keeps the askers from calling a KEK again that has said never in the first try.
func (v *vigil) spare(in keystore.Digest, err error) {
	for _, said := range kekErrors(err) {
		for _, a := range v.askers {
			if a.String() == said.KEK && !mayAnswer(said) {
				a.refusal, a.refused = said, in
			}
		}
	}
}

// mayAnswer reports whether it may be of use to ask again about the same keystore.
func mayAnswer(err error) bool {
	return wrappers.HasClass(err, wrappers.Later) || wrappers.HasClass(err, wrappers.Ask)
}
