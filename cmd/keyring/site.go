package main

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"os"

	"github.com/sealwax/sealwax/cmd/keyring/internal/config"
	"github.com/sealwax/sealwax/cmd/keyring/internal/state"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// site is what the config names: a keystore, its KEKs, and where the command keeps what it has last seen.
type site struct {
	cli      *cli
	config   *config.Config
	store    *keystore.File
	seen     *state.File // nil if there is no place for it
	keks     []*wrappers.KEK
	warnings []string
}

// site reads the config. Nothing else is read yet, and no provider is called.
func (c *cli) site(ctx context.Context) (*site, error) {
	path, err := config.Find(c.configFile, environ("KEYRING_CONFIG"))
	if err != nil {
		return nil, usageError{err}
	}
	conf, err := config.Load(path, c.nomadConfigs...)
	if err != nil {
		return nil, usageError{err}
	}
	return c.siteOf(ctx, conf)
}

func (c *cli) siteOf(ctx context.Context, conf *config.Config) (*site, error) {
	keks, warnings, err := newKEKs(ctx, conf.KEKs)
	if err != nil {
		return nil, usageError{err}
	}
	s := &site{cli: c, config: conf, store: keystore.NewFile(conf.Keystore.Path), keks: keks, warnings: warnings}
	if s.seen, err = openState(conf); err != nil {
		s.warnUnseen(err)
	}
	return s, nil
}

func openState(conf *config.Config) (*state.File, error) {
	dir, err := state.Dir(conf.Keystore.State, os.Getenv)
	if err != nil {
		return nil, err
	}
	return state.Open(dir, conf.Keystore.Path)
}

// warnUnseen warns that what was seen cannot be kept: the work is done, only a later rollback may go unseen.
func (s *site) warnUnseen(err error) {
	s.cli.log.Warn("what was seen of the keystore cannot be kept: a rollback would go undetected", "error", err)
}

func (s *site) close() { closeAll(s.keks) }

// options returns what is known of the keystore: the config, and what was last seen.
func (s *site) options(ctx context.Context) (*keyring.Options, error) {
	o := &keyring.Options{
		Cluster: s.config.Cluster, Region: s.config.Region, Identity: s.config.Keystore.Identity,
		RefreshInterval: -1, Logger: s.cli.log,
	}
	seen, err := s.lastSeen(ctx, o)
	if err != nil {
		return nil, err
	}
	o.Seen = seen
	return o, nil
}

// lastSeen returns what the next load must not fall behind. With --accept-rollback that is nothing, provided that the
// keystore is of the generation that the operator named.
func (s *site) lastSeen(ctx context.Context, o *keyring.Options) (keystore.Seen, error) {
	if s.seen == nil {
		return keystore.Seen{}, nil
	}
	seen, err := s.seen.Load()
	if err != nil || s.cli.acceptRollback == 0 {
		return seen, err
	}
	c, digest, err := keystore.Fetch(ctx, s.store, expect(o))
	if err != nil {
		return seen, err
	}
	if c.Generation != s.cli.acceptRollback {
		return seen, usageError{fmt.Errorf("--accept-rollback %d: the keystore is of generation %d", s.cli.acceptRollback, c.Generation)}
	}
	s.cli.log.Warn("accepting a keystore that does not follow the one last seen, as --accept-rollback asks",
		"keystore", c.ID, "generation", c.Generation, "digest", digest, "last seen generation", seen.Generation, "last seen digest", seen.Digest)
	return keystore.Seen{}, nil
}

// expect returns what o says of a keystore.
func expect(o *keyring.Options) *keystore.Expect {
	return &keystore.Expect{Cluster: o.Cluster, Region: o.Region, Identity: o.Identity, Seen: o.Seen}
}

// load opens the ring of the configured keystore and remembers what it saw.
func (s *site) load(ctx context.Context, readOnly bool) (*keyring.Ring, error) {
	o, err := s.options(ctx)
	if err != nil {
		return nil, err
	}
	o.ReadOnly = readOnly
	ring, err := keyring.Load(ctx, s.store, s.keks, o)
	if err != nil {
		return nil, err
	}
	s.remember(ctx, ring.Seen())
	return ring, nil
}

// withRing opens the configured ring, has it used, and closes it.
func (c *cli) withRing(ctx context.Context, readOnly bool, use func(*site, *keyring.Ring) error) error {
	s, err := c.site(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	ring, err := s.load(ctx, readOnly)
	if err != nil {
		return err
	}
	defer ring.Close()
	return use(s, ring)
}

// fetch reads the keystore without a KEK. What it says is remembered only if a pin proves that it is the operator's.
func (s *site) fetch(ctx context.Context) (*keystore.Contents, error) {
	o, err := s.options(ctx)
	if err != nil {
		return nil, err
	}
	c, digest, err := keystore.Fetch(ctx, s.store, expect(o))
	if err != nil {
		return nil, err
	}
	if o.Identity != nil {
		s.remember(ctx, keystore.Seen{ID: c.ID, Identity: c.Identity.Public, Epoch: c.Epoch, Generation: c.Generation, Digest: digest})
	}
	return c, nil
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

// pin writes the identity into the config.
func (s *site) pin(identity ed25519.PublicKey) error {
	if err := config.SetIdentity(s.config.File, identity); err != nil {
		return fmt.Errorf("the keystore is written, but its identity could not be pinned: %w\n  next: put identity = %q into the keystore block of %s",
			err, keystore.FormatPin(identity), s.config.File)
	}
	return nil
}
