package keyring

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/sealwax/sealwax/internal/sleep"
	"github.com/sealwax/sealwax/keystore"
)

// handIn writes to the file what the ring has sealed, and its next lease for the active key. While other rings are
// faster it tries again: one of them comes first each time, so that ends.
func (c *counter) handIn(ctx context.Context, sealed map[keystore.ID]Count, active keystore.ID) error {
	ctx, cancel := context.WithTimeout(ctx, wearTimeout)
	defer cancel()
	c.turn.Lock()
	defer c.turn.Unlock()
	for pauses := pauses(time.Millisecond, 100*time.Millisecond, 0.5); ; {
		err := c.write(ctx, sealed, active)
		again := errors.Is(err, keystore.ErrConflict) || errors.Is(err, keystore.ErrOutcomeUnknown)
		if !again || !sleep.For(ctx, pauses.NextBackOff()) {
			return c.report(ctx, err)
		}
	}
}

// write is one attempt to hand in. After one whose outcome was unknown it finds that out, and there may be nothing left
// to do.
func (c *counter) write(ctx context.Context, sealed map[keystore.ID]Count, active keystore.ID) error {
	f, err := c.readForWriting(ctx)
	if err != nil {
		return err
	}
	p, data, err := c.prepare(f, sealed, active)
	if p == nil || err != nil {
		return err
	}
	err = c.store.Write(ctx, p.before, data)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err == nil:
		c.ledger.accept(p)
		c.known, c.stamp, c.at = p.wear, "", time.Now()
	case errors.Is(err, keystore.ErrOutcomeUnknown):
		c.ledger.doubt = p
	}
	return err
}

// prepare returns what to write in the place of f, nil if there is nothing to hand in.
func (c *counter) prepare(f wearFile, sealed map[keystore.ID]Count, active keystore.ID) (*proposal, []byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ledger.read(f)
	c.known = f.wear
	if !c.dueLocked(sealed, active) { // the file says more than was known
		return nil, nil, nil
	}
	e := entry{sealed: sealed, leases: c.nextLeasesLocked(sealed, active), since: maps.Clone(c.since), now: c.now()}
	p := c.ledger.propose(f, e)
	data, err := keystore.AppendWear(nil, p.wear)
	p.after = keystore.DigestOf(data)
	return p, data, err
}

// nextLeasesLocked returns the lease that the ring takes for the active key: none if it has sealed nothing since the
// last. The caller holds mu.
func (c *counter) nextLeasesLocked(sealed map[keystore.ID]Count, active keystore.ID) map[keystore.ID]Count {
	rest := c.ledger.unhanded(active, sealed[active])
	if active.IsZero() || rest.isZero() {
		return nil
	}
	return map[keystore.ID]Count{active: c.leases.next(c.ledger.lines[active].lease, rest, time.Since(c.at))}
}

// readForWriting reads the file that the next one replaces, or begins one: the first, or one after a damaged one, which is
// set aside.
func (c *counter) readForWriting(ctx context.Context) (wearFile, error) {
	f, err := readWearFile(ctx, c.store, c.keystore)
	switch {
	case errors.Is(err, keystore.ErrNotFound):
	case errors.Is(err, keystore.ErrWearDamaged):
		if f.digest, err = c.setAside(ctx, f.digest, err); err != nil {
			return wearFile{}, err
		}
	default:
		return f, err
	}
	f.wear = &keystore.Wear{ID: keystore.NewID(), Keystore: c.keystore, Begun: c.now()}
	return f, nil
}

// setAside puts a damaged file away and returns the digest of what the next one replaces.
func (c *counter) setAside(ctx context.Context, digest keystore.Digest, damage error) (keystore.Digest, error) {
	s, ok := c.store.(keystore.SetAsider)
	if !ok {
		c.log.Warn("keyring: the wear file is damaged and is replaced: what others have sealed is counted anew", "error", damage, "digest", digest)
		return digest, nil
	}
	where, err := s.SetAside(ctx, digest)
	if err != nil {
		return digest, err
	}
	c.log.Warn("keyring: the wear file is damaged and was set aside: what others have sealed is counted anew", "error", damage, "file", where)
	return keystore.Digest{}, nil
}
