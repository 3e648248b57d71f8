package census

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keyring/discovery"
	"github.com/sealwax/sealwax/keyring/source"
	"github.com/sealwax/sealwax/keystore"
)

// Exposure is what a leak of one key exposes.
type Exposure struct {
	Key     keyring.KeyInfo // its state, and since when it seals
	Count   keyring.Count   // what names it in its header
	Places  []Place         // where that is, most messages first; at most 1,000, of which the last may stand for all others
	Tokens  []Forgery       // what could be signed with it
	Sources []string        // what was read, to its end
	Unread  uint64          // records that nobody could read; each may be a message of it
}

// Place is a namespace in a source.
type Place struct {
	Source    string
	Namespace string // "" if it is not known
	Count     keyring.Count
	Others    bool // this is all that has no line of its own
}

// Forgery is an algorithm with which whoever has the key signs tokens.
type Forgery struct {
	Algorithm string

	// Accepted is whether who verifies by the published keys accepts such a token, and Until for how long. A zero Until
	// is for as long as the key is active, and the life of a token more. A key that is marked compromised is not
	// published any more: who has fetched it before accepts it until it is fetched anew, an hour later at most.
	Accepted bool
	Until    time.Time
}

// maxPlaces is how many places are listed.
const maxPlaces = 1000

// Impact reads all records of the sources, and opens none: it goes by what the messages say. published is how the ring's
// verification keys are published, nil for the defaults. The ring is refreshed before that.
//
// If a source cannot be read to its end, or ctx ends, the error comes together with what was found. Without an Exposure
// nothing was read: the keystore does not have the key (keyring.ErrUnknownKey), or cannot be read.
func Impact(ctx context.Context, ring *keyring.Ring, sources []source.Source, id keystore.ID, published *discovery.Options) (*Exposure, error) {
	if err := ring.Refresh(ctx); err != nil {
		return nil, fmt.Errorf("census: impact: %w", err)
	}
	keys := ring.Keys()
	i := slices.IndexFunc(keys, func(k keyring.KeyInfo) bool { return k.ID == id })
	if i < 0 {
		return nil, fmt.Errorf("census: impact: %w %s: look with 'keyring list'", keyring.ErrUnknownKey, id)
	}
	n := &Exposure{Key: keys[i]}
	for _, algorithm := range keys[i].Signing {
		f, err := forgery(keys[i], published, ring.Now())
		if err != nil {
			return nil, fmt.Errorf("census: impact: %w", err)
		}
		f.Algorithm = algorithm
		n.Tokens = append(n.Tokens, f)
	}
	places, names := make(map[Place]*keyring.Count), namesOf(sources)
	finished, err := each(ctx, sources, func(s int, rec source.Record) {
		n.add(places, names[s], rec)
	})
	n.Sources, n.Places = finished, sortPlaces(places)
	if err != nil {
		return n, fmt.Errorf("census: impact: not finished: %w", err)
	}
	return n, nil
}

func (n *Exposure) add(places map[Place]*keyring.Count, name string, rec source.Record) {
	if rec.Err != nil {
		if causeOf(rec.Err) != CauseNoMessage {
			n.Unread++
		}
		return
	}
	if id, err := keyring.MessageKey(rec.Sealed); err != nil || id != n.Key.ID {
		return
	}
	n.Count.Add(len(rec.Sealed))
	p := Place{Source: name, Namespace: rec.Namespace}
	if places[p] == nil && len(places) >= maxPlaces-1 {
		p = Place{Others: true}
	}
	if places[p] == nil {
		places[p] = new(keyring.Count)
	}
	places[p].Add(len(rec.Sealed))
}

func sortPlaces(places map[Place]*keyring.Count) []Place {
	var sorted []Place
	for p, n := range places {
		p.Count = *n
		sorted = append(sorted, p)
	}
	slices.SortFunc(sorted, func(a, b Place) int {
		if a.Others != b.Others {
			return cmp.Compare(a.rank(), b.rank())
		}
		return cmp.Or(cmp.Compare(b.Count.Messages, a.Count.Messages), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Namespace, b.Namespace))
	})
	return sorted
}

// rank puts the line of all others last.
func (p *Place) rank() int {
	if p.Others {
		return 1
	}
	return 0
}

// forgery returns for how long a token counts that somebody else signs with k.
func forgery(k keyring.KeyInfo, published *discovery.Options, now time.Time) (f Forgery, err error) {
	switch {
	case k.Compromised:
	case k.State == keystore.Active || k.State == keystore.Prepublished:
		f.Accepted = true
	case k.State == keystore.Retired && !k.Activated.IsZero():
		f.Until, err = published.Until(k.Retired)
		f.Accepted = now.Before(f.Until)
	}
	return f, err
}
