package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/sealwax/sealwax/cmd/keyring/internal/config"
	"github.com/sealwax/sealwax/cmd/keyring/internal/state"
	"github.com/sealwax/sealwax/internal/shell"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

// errLost: there is no keystore where one was seen before.
var errLost = errors.New("the keystore is gone")

func openState(conf *config.Config) (*state.File, error) {
	dir, err := stateDir(conf)
	if err != nil {
		return nil, err
	}
	return state.Open(dir, conf.Keystore.Path)
}

func stateDir(conf *config.Config) (string, error) { return state.Dir(conf.Keystore.State, os.Getenv) }

// warnUnseen warns that what was seen cannot be kept: the work is done, only a later rollback may go unseen.
func (s *site) warnUnseen(err error) {
	s.cli.log.Warn("what was seen of the keystore cannot be kept: a rollback would go undetected", "error", err)
}

// refreshInterval is how often a command looks whether the keystore has changed, and what it expects of services.
const refreshInterval = 30 * time.Second

// configured returns what the config says of a ring. The keystore may not be there yet. The ring follows it, since a
// command may take longer than a lease: a person who is asked for a passphrase, a rekey.
func (s *site) configured() *keyring.Options {
	k := s.config.Keystore
	return &keyring.Options{
		Cluster: s.config.Cluster, Region: s.config.Region,
		Lease: k.Lease, ClockSkew: k.ClockSkew, Readers: k.Readers,
		Groups: s.groups(), Order: s.config.Unwrap.Order, HedgeDelay: s.config.Unwrap.HedgeDelay,
		Rotation: s.config.Rotation, Signing: s.config.Signing.Signing, Wear: s.wear(),
		RefreshInterval: refreshInterval, PayInterval: s.payInterval, Wait: s.cli.wait, Logger: s.cli.log,
	}
}

// wear is where all that use the keystore count what its keys have sealed.
func (s *site) wear() *keystore.File { return s.store.Beside(".wear") }

// options returns what is known of the keystore: the config, and what was last seen.
func (s *site) options(ctx context.Context) (*keyring.Options, error) {
	o := s.configured()
	o.Identity = s.config.Keystore.Identity
	seen, err := s.lastSeen()
	if s.cli.acceptRollback != 0 {
		o.Seen, err = s.accepted(ctx, o, seen, err)
		return o, err
	}
	o.Seen = seen
	return o, err
}

// lastSeen returns what the next load must not fall behind.
func (s *site) lastSeen() (keystore.Seen, error) {
	if s.seen == nil {
		return keystore.Seen{}, nil
	}
	seen, err := s.seen.Load()
	if errors.Is(err, fs.ErrPermission) {
		err = fmt.Errorf("%w\n  next: another user ran this command; run: sudo chown %d %s", err, os.Getuid(), shell.Path(s.seen.Path()))
	}
	return seen, err
}

// accepted returns what --accept-rollback puts in the place of what was last seen: the generation that is there, provided that
// it is the one that the operator named. Another keystore is refused as ever, and another identity than the pin, or without a
// pin than the one last seen. What was last seen may be unreadable: this is the way past it.
func (s *site) accepted(ctx context.Context, o *keyring.Options, seen keystore.Seen, seenErr error) (keystore.Seen, error) {
	e := expect(o)
	e.ID = seen.ID
	if o.Identity == nil {
		e.Seen.Identity = seen.Identity // else the pin is the operator's word, also after new roots that were missed
	}
	c, digest, err := keystore.Fetch(ctx, s.store, e)
	if err != nil {
		return seen, s.explainLost(err, seen)
	}
	if c.Generation != s.cli.acceptRollback {
		return seen, usageError{fmt.Errorf("--accept-rollback %d: the keystore is of generation %d", s.cli.acceptRollback, c.Generation)}
	}
	s.cli.log.Warn("accepting a keystore that does not follow the one last seen, as --accept-rollback asks",
		"keystore", c.ID, "generation", c.Generation, "digest", digest,
		"last seen generation", seen.Generation, "last seen digest", seen.Digest, "last seen error", seenErr)
	return keystore.Seen{ID: c.ID, Epoch: c.Epoch, Generation: c.Generation, Digest: digest}, nil
}

// expect returns what o says of a keystore.
func expect(o *keyring.Options) *keystore.Expect {
	return &keystore.Expect{Cluster: o.Cluster, Region: o.Region, Identity: o.Identity, Seen: o.Seen}
}

// remember keeps what was seen for the next command.
func (s *site) remember(ctx context.Context, seen keystore.Seen) {
	if s.seen == nil {
		return
	}
	save := s.seen.Save
	if s.cli.acceptRollback != 0 {
		save = s.seen.Accept
	}
	if err := save(ctx, seen); err != nil {
		s.warnUnseen(err)
	}
}

// explainLost adds to an error about a keystore that is not there what is known of it: a new one is not what the operator
// wants then.
func (s *site) explainLost(err error, seen keystore.Seen) error {
	if !errors.Is(err, keystore.ErrNotFound) {
		return err
	}
	previous := s.store.PreviousPath()
	if _, statErr := os.Stat(previous); statErr == nil {
		// Beside the file that a link leads to: cp does not make one through the link.
		lost := strings.TrimSuffix(previous, ".prev")
		return fmt.Errorf("%w: %w; the generation before the last one is there: cp -p %s %s", errLost, err, shell.Path(previous), shell.Path(lost))
	}
	if seen.ID.IsZero() && s.config.Keystore.Identity != nil {
		return fmt.Errorf("%w: %w; the config pins its identity", errLost, err)
	}
	if seen.ID.IsZero() {
		return err
	}
	return fmt.Errorf("%w: %w; it was %s, of generation %d when it was last seen", errLost, err, seen.ID, seen.Generation)
}
