package keystore

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
)

// Expect is what a reader knows about the keystore that it wants. Zero values are not known and not checked.
type Expect struct {
	ID       ID
	Cluster  string
	Region   string
	Identity ed25519.PublicKey // the pin
	Seen     Seen
}

// Seen is what a reader remembers of the last generation that it accepted. Zero values are not known and not checked: a
// reader that remembers nothing detects no rollback.
type Seen struct {
	ID         ID
	Identity   ed25519.PublicKey
	Epoch      uint64
	Generation uint64
	Digest     Digest
}

// Check compares c, whose file has the digest given, with what the reader expects, nil being nothing. It returns
//
//   - ErrForeign for another ID, cluster, region or identity than expected or seen. Another identity is accepted if
//     the one expected has handed over to it, as signed in the file;
//   - ErrRolledBack for an older epoch, or an older generation of the same epoch, than seen;
//   - ErrForked for the generation seen with another digest, or a newer one that does not descend from it;
//   - ErrContinuityUnknown for a generation more than MaxHistory after the one seen, which may descend from it or not.
//
// A newer epoch is a restored backup: its identity says so with its signature, and no descent is asked for.
func (c *Contents) Check(digest Digest, e *Expect) error {
	if e == nil {
		return nil
	}
	if err := c.checkPlace(e); err != nil {
		return err
	}
	if err := c.checkIdentity(e.Identity, "pinned"); err != nil {
		return err
	}
	// Before the identity seen: what an older identity signed before its handover is an old file, not a foreign one.
	if err := c.checkOlder(&e.Seen); err != nil {
		return err
	}
	if err := c.checkIdentity(e.Seen.Identity, "already seen"); err != nil {
		return err
	}
	return c.checkDescent(digest, &e.Seen)
}

func (c *Contents) checkPlace(e *Expect) error {
	for _, id := range []ID{e.ID, e.Seen.ID} {
		if !id.IsZero() && id != c.ID {
			return fmt.Errorf("keystore: %w: it is keystore %s, expected %s", ErrForeign, c.ID, id)
		}
	}
	if e.Cluster != "" && e.Cluster != c.Cluster {
		return fmt.Errorf("keystore: %w: it belongs to cluster %q, expected %q", ErrForeign, c.Cluster, e.Cluster)
	}
	if e.Region != "" && e.Region != c.Region {
		return fmt.Errorf("keystore: %w: it belongs to region %q, expected %q", ErrForeign, c.Region, e.Region)
	}
	return nil
}

func (c *Contents) checkIdentity(want ed25519.PublicKey, how string) error {
	if len(want) == 0 || bytes.Equal(want, c.Identity.Public) {
		return nil
	}
	if c.Handover == nil {
		return fmt.Errorf("keystore: %w: its identity is %s, %s is %s", ErrForeign, FormatPin(c.Identity.Public), how, FormatPin(want))
	}
	if !bytes.Equal(want, c.Handover.Previous) {
		return fmt.Errorf("keystore: %w: its identity is %s and before that %s, %s is %s",
			ErrForeign, FormatPin(c.Identity.Public), FormatPin(c.Handover.Previous), how, FormatPin(want))
	}
	return nil
}

func (c *Contents) checkOlder(seen *Seen) error {
	epoch := c.epochOf(seen)
	if c.Epoch < epoch {
		return fmt.Errorf("keystore: %w: it is of epoch %d, already seen is epoch %d", ErrRolledBack, c.Epoch, epoch)
	}
	if c.Epoch == epoch && c.Generation < seen.Generation {
		return fmt.Errorf("keystore: %w: it is generation %d, already seen is generation %d", ErrRolledBack, c.Generation, seen.Generation)
	}
	return nil
}

// epochOf returns the epoch of what was seen. A reader that was only told a generation means the epoch that it finds.
func (c *Contents) epochOf(seen *Seen) uint64 {
	if seen.Epoch == 0 {
		return c.Epoch
	}
	return seen.Epoch
}

// checkDescent is called for a c that is not older than what was seen.
func (c *Contents) checkDescent(digest Digest, seen *Seen) error {
	if c.Epoch > c.epochOf(seen) || seen.Generation == 0 || seen.Digest.IsZero() {
		return nil
	}
	if c.Generation == seen.Generation {
		if digest == seen.Digest {
			return nil
		}
		return fmt.Errorf("keystore: %w: generation %d has digest %s, already seen is %s", ErrForked, c.Generation, digest, seen.Digest)
	}
	back := c.Generation - seen.Generation // History[0] is one generation back
	if back > MaxHistory {
		return fmt.Errorf("keystore: %w: it is generation %d and knows the %d before it, already seen is generation %d",
			ErrContinuityUnknown, c.Generation, MaxHistory, seen.Generation)
	}
	if back > uint64(len(c.History)) {
		return fmt.Errorf("keystore: %w: generation %d knows the %d before it, already seen is generation %d with digest %s",
			ErrForked, c.Generation, len(c.History), seen.Generation, seen.Digest)
	}
	if was := c.History[back-1]; was != seen.Digest {
		return fmt.Errorf("keystore: %w: generation %d descends from a generation %d with digest %s, already seen is %s",
			ErrForked, c.Generation, seen.Generation, was, seen.Digest)
	}
	return nil
}
