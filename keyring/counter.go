package keyring

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

const (
	// wearTick is how often a ring looks at what it has sealed: two words for each key. It bounds what goes uncounted
	// when a ring is killed that has just begun to seal much.
	wearTick = time.Second

	// wearTerm is how long a lease of wear lasts. A ring that seals hands in twice in that time, at least.
	wearTerm = 10 * time.Minute

	// wearTimeout bounds one turn with the wear file, Close included: nobody waits for a count.
	wearTimeout = 5 * time.Second
)

// counter keeps the ring's account with the wear file, see ledger. Its goroutine hands in what the ring has sealed, and
// takes leases. Nothing waits for it but Close, and no call fails because of it.
//
// Without Options.Wear it has no goroutine, and knows what this ring has sealed.
type counter struct {
	store    keystore.Store // nil: none
	keystore keystore.ID
	log      *slog.Logger
	now      func() time.Time
	leases   leaseRange
	cancel   context.CancelFunc
	done     chan struct{} // closed when the goroutine has ended

	turn sync.Mutex // held by whoever reads or writes the store

	mu      sync.Mutex // guards the rest; never held across anything that waits
	ledger  ledger
	known   *keystore.Wear // the file as it was last read or written; nil: not yet, or there is none
	stamp   string         // of the store, taken before it was last read; "" when unknown
	at      time.Time      // monotonic: when the file was last written, or the ring started
	since   map[keystore.ID]time.Time
	failure string // why the file could not be used the last time, "" if it could
}

func (c *counter) start(r *Ring) {
	c.store, c.keystore, c.log, c.now = r.opts.Wear, r.state.Load().contents.ID, r.opts.Logger, r.opts.now
	policy := r.opts.policy()
	c.leases = leasesWithin(policy.limits())
	c.at, c.since = time.Now(), make(map[keystore.ID]time.Time)
	if c.store == nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel, c.done = cancel, make(chan struct{})
	go c.run(ctx, r)
}

// stop ends the goroutine.
func (c *counter) stop() {
	if c.cancel != nil {
		c.cancel()
		<-c.done
	}
}

// run looks every wearTick at what the ring has sealed, and every RefreshInterval at what others have. After a failure it
// tries again after longer and longer pauses.
func (c *counter) run(ctx context.Context, r *Ring) {
	defer close(c.done)
	pauses := pauses(wearTick, time.Minute, 0.5)
	var rested, looked time.Time // zero: at once
	tick := time.NewTicker(wearTick)
	defer tick.Stop()
	for {
		if now := time.Now(); !now.Before(rested) {
			if err := c.tend(ctx, r, &looked); err != nil {
				rested = now.Add(pauses.NextBackOff())
			} else {
				pauses.Reset()
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// tend does what is due: it hands in, or else looks at the file if the last look is long ago.
func (c *counter) tend(ctx context.Context, r *Ring, looked *time.Time) error {
	s, now, every := r.state.Load(), time.Now(), r.opts.RefreshInterval
	sealed := s.sealed()
	switch {
	case c.due(sealed, s.activeID()):
		return c.handIn(ctx, sealed, s.activeID())
	case looked.IsZero(), every > 0 && now.Sub(*looked) >= every:
		*looked = now
		return c.look(ctx)
	}
	return nil
}

// close hands in what is left, of the last state that the ring had, and gives back the leases.
func (c *counter) close(last *state) {
	sealed := last.sealed()
	if c.store != nil && c.due(sealed, keystore.ID{}) {
		_ = c.handIn(context.Background(), sealed, keystore.ID{}) // a failure is in the log
	}
}

// due reports whether there is something to hand in, or a lease to take or to give back. The zero active ID stands for
// a ring that seals no more.
func (c *counter) due(sealed map[keystore.ID]Count, active keystore.ID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dueLocked(sealed, active)
}

func (c *counter) dueLocked(sealed map[keystore.ID]Count, active keystore.ID) bool {
	for key, n := range sealed {
		ln, rest := c.ledger.lines[key], c.ledger.unhanded(key, n)
		switch {
		case key != active && (!rest.isZero() || !ln.lease.isZero()),
			key == active && rest.exceeds(Count{ln.lease.Messages / 2, ln.lease.Bytes / 2}),
			!ln.lease.isZero() && time.Since(c.at) >= wearTerm/2:
			return true
		}
	}
	return c.unknownSinceLocked()
}

// unknownSinceLocked reports whether the file lacks something of what was observed. The caller holds mu.
func (c *counter) unknownSinceLocked() bool {
	for key, since := range c.since {
		known := time.Time{}
		if c.known != nil {
			if i := slices.IndexFunc(c.known.Keys, func(k keystore.WornKey) bool { return k.Key == key }); i >= 0 {
				known = c.known.Keys[i].Since
			}
		}
		if !earlier(known, since).Equal(known) {
			return true
		}
	}
	return false
}

// wear returns what is known: of the file, leases of other rings in full, and of this ring what it has sealed.
func (c *counter) wear(s *state) []KeyWear {
	sealed := s.sealed()
	c.mu.Lock()
	defer c.mu.Unlock()
	all := wearIn(c.known, c.ledger.holder)
	one := func(key keystore.ID) *KeyWear {
		if all[key] == nil {
			all[key] = &KeyWear{ID: key}
		}
		return all[key]
	}
	for key, n := range sealed {
		if rest := c.ledger.unhanded(key, n); !rest.isZero() {
			one(key).add(rest)
		}
	}
	for key, since := range c.since {
		k := one(key)
		k.Since = earlier(k.Since, since)
	}
	return sortedWear(all)
}

// observe notes that somebody who maintains the keystore saw a key active at a time before all that the keystore says
// of it. Of all such times that rings have noted the earliest counts: a clock that is behind for a while does not make
// a key younger.
func (c *counter) observe(key keystore.ID, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.since[key] = earlier(c.since[key], at.UTC().Truncate(time.Second))
}

// look reads the file, if there is one and it has changed.
func (c *counter) look(ctx context.Context) error {
	if c.store == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, wearTimeout)
	defer cancel()
	c.turn.Lock()
	defer c.turn.Unlock()
	err := c.readIfChanged(ctx)
	if errors.Is(err, keystore.ErrNotFound) {
		c.forget()
		err = nil
	}
	return c.report(ctx, err)
}

func (c *counter) readIfChanged(ctx context.Context) error {
	stamp, err := stampOf(ctx, c.store)
	if err != nil {
		return err
	}
	c.mu.Lock()
	same := stamp != "" && stamp == c.stamp
	c.mu.Unlock()
	if same {
		return nil
	}
	f, err := readWearFile(ctx, c.store, c.keystore)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ledger.read(f)
	c.known, c.stamp = f.wear, stamp
	return nil
}

// forget notes that there is no file. All that this ring has sealed is to be handed in, again if need be.
func (c *counter) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ledger, c.known, c.stamp = ledger{}, nil, ""
}

// report logs that the file cannot be used, once for each cause, and that it can again. It returns err.
func (c *counter) report(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return err // the ring is being closed, and tries once more
	}
	failure := ""
	if err != nil {
		failure = err.Error()
	}
	c.mu.Lock()
	before := c.failure
	c.failure = failure
	c.mu.Unlock()
	switch {
	case failure != "" && failure != before:
		c.log.Warn("keyring: what keys have sealed cannot be counted for all rings together; sealing goes on, and this ring counts for itself", "error", err)
	case failure == "" && before != "":
		c.log.Info("keyring: what keys have sealed is counted for all rings together again")
	}
	return err
}
