package keyring

import (
	"context"
	"errors"
	"time"

	"github.com/sealwax/sealwax/wrappers"
)

// A way to the root is KEKs each of which opens it alone, or the KEKs of a group that open it together.
type way interface {
	// can reports whether asking these could open the root now.
	can(who) bool
	// try asks them and returns what they opened, nil for nothing. It is called once for services, then once for people.
	try(context.Context, who) *opened
	// rests reports whether too few services are left for it when those that did not answer lately are not counted.
	rests(now time.Time) bool
	gives() string // what one KEK gives, for logs
	attempts() []wrappers.Attempt
	err() error // why it did not open the root
	close()     // clears what was gathered
}

// who of the KEKs is asked.
type who int

const (
	services who = iota
	people       // who may have to type something, at one terminal
)

func (w who) includes(k *wrappers.KEK) bool { return k.WaitsForPerson() == (w == people) }

// raceWays asks services, one way after the other: the next is begun when one has failed, or when the hedge delay has
// passed. Ways that rest come last.
func raceWays(ctx context.Context, ways []way, o *Options) (won *opened) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ways = restingLast(ways, time.Now())
	finished, running := make(chan *opened), 0
	next := func() {
		for len(ways) > 0 && won == nil && ctx.Err() == nil {
			w := ways[0]
			ways = ways[1:]
			if w.can(services) {
				running++
				go func() { finished <- w.try(ctx, services) }()
				return
			}
		}
	}
	hedge := time.NewTimer(o.hedgeDelay())
	defer hedge.Stop()
	next()
	for running > 0 {
		select {
		case <-hedge.C:
			next()
		case found := <-finished:
			running--
			switch {
			case found == nil:
				next()
			case won != nil:
				found.close() // it was too late
			default:
				won = found
				cancel(wrappers.NotNeeded(o.hedgeDelay()))
			}
		}
		hedge.Reset(o.hedgeDelay())
	}
	return won
}

// restingLast returns ways as they stand, but for those that rest.
func restingLast(ways []way, now time.Time) []way {
	var first, last []way
	for _, w := range ways {
		if w.rests(now) {
			last = append(last, w)
		} else {
			first = append(first, w)
		}
	}
	return append(first, last...)
}

// tryPeople asks people, one way after the other.
func tryPeople(ctx context.Context, ways []way) *opened {
	for _, w := range ways {
		if ctx.Err() != nil || !w.can(people) {
			continue
		}
		if won := w.try(ctx, people); won != nil {
			return won
		}
	}
	return nil
}

// errNoWay says for each way why it did not open the root.
func errNoWay(ways []way) error {
	var errs []error
	for _, w := range ways {
		errs = append(errs, w.err())
		w.close()
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}

// hedgeDelay is how long a KEK or a way is waited for before the next one is begun.
func (o *Options) hedgeDelay() time.Duration {
	if o.HedgeDelay > 0 {
		return o.HedgeDelay
	}
	return wrappers.DefaultHedgeDelay
}
